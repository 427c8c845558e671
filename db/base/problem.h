/*
 * problem: why a request is refused, as a number.
 *
 * Every rule of the chat answers with one of these.  The API turns the number
 * into a status and a text for clients.
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
