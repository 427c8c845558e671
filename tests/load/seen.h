/*
 * seen: which numbers of a sequence 0, 1, 2 ... have come, each once, with
 * room for those that come late.  What is missing is known at the end: it is
 * how many were sent less how many were NEW or LATE.
 */
#ifndef TESTS_LOAD_SEEN_H
#define TESTS_LOAD_SEEN_H

#include <stdint.h>

struct seen {
	uint64_t recent; /* bit i: NEXT - 1 - i has come */
	uint32_t next; /* one more than the greatest that has come */
};

enum seen_rc {
	SEEN_NEW, /* the greatest so far */
	SEEN_LATE, /* behind a greater one, for the first time */
	SEEN_AGAIN /* for another time, or more than 64 behind */
};

enum seen_rc seen_note(struct seen *s, uint32_t number);

#endif
