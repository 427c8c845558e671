/*
 * mark: what the content of each message begins with, by which readers know
 * it again: room, publisher, number in the sequence of these two, and the
 * time in ns at which it was meant to be sent.  Nothing else that is read
 * holds a '~'.
 */
#ifndef TESTS_LOAD_MARK_H
#define TESTS_LOAD_MARK_H

#include <stddef.h>
#include <stdint.h>

enum { MARK_LEN = 36 };

struct mark {
	uint32_t room, publisher, number;
	int64_t time;
};

/* Writes MARK_LEN bytes and no end. */
void mark_write(char *to, const struct mark *m);

/* The next mark in [P, END): where it ends, or NULL when there is none. */
const char *mark_find(const char *p, const char *end, struct mark *m);

#endif
