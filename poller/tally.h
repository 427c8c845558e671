/*
 * tally: numbers by key, each of which begins at 0.
 *
 * A number that is 0 takes no memory.  The caller has a lock around it.
 */
#ifndef POLLER_TALLY_H
#define POLLER_TALLY_H

#include <stdint.h>

struct tally;

struct tally *tally_open(void);
/* All numbers must be 0. */
void tally_close(struct tally *);

int64_t tally_of(struct tally *, uint64_t key);

/* Adds N to the number of KEY, which never becomes less than 0. */
void tally_add(struct tally *, uint64_t key, int64_t n);

#endif
