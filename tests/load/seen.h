/*
 * seen: which numbers of a sequence 0, 1, 2 ... have come, each once, with
 * room for late ones.  The number of missing ones is known at the end: the
 * number sent minus the number that were NEW or LATE.
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
	SEEN_LATE, /* for the first time, but after a greater one */
	SEEN_AGAIN /* for another time, or more than 64 behind */
};

enum seen_rc seen_note(struct seen *s, uint32_t number);

#endif
