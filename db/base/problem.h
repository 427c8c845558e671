/*
 * problem: why a request is refused, as a number.
 *
 * A rule of the chat answers with one of these.  Words and status codes for
 * clients are api/http/problem.h's.
 */
#ifndef DB_BASE_PROBLEM_H
#define DB_BASE_PROBLEM_H

enum problem {
	PROBLEM_NONE,
#define PROBLEM(name) PROBLEM_##name,
#include "db/base/problem.def"
#undef PROBLEM
	N_PROBLEMS
};

#endif
