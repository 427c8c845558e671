/*
 * mark: the prefix of each message's content, by which readers recognize it:
 * room, publisher, number in the sequence of these two, and the time in ns at
 * which it was meant to be sent.  Nothing else that is read contains a '~'.
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

/* Finds the next mark in [P, END): where it ends, or NULL if there is none. */
const char *mark_find(const char *p, const char *end, struct mark *m);

#endif
