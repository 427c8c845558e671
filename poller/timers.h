/*
 * timers: a timer wheel with a resolution of a few hundredths of a second.
 *
 * A timer is part of a larger struct and is due once; a timer beyond one turn
 * of the wheel is due early, and its owner sets it again.  For the hub's
 * thread.
 */
#ifndef POLLER_TIMERS_H
#define POLLER_TIMERS_H

#include <stdint.h>
#include <sys/queue.h>

struct timer {
	TAILQ_ENTRY(timer) entry;
	int slot; /* 0: it is not set */
};

struct timers;

/* All times are lease ms. */
struct timers *timers_open(int64_t now);
void timers_close(struct timers *);

/* Sets the timer, or sets it anew.  All zero is a timer that is not set. */
void timers_set(struct timers *, struct timer *, int64_t now, int64_t due);
void timers_clear(struct timers *, struct timer *);

/* Clears each timer that is due and calls FN for it. */
void timers_run(struct timers *, int64_t now,
    void (*fn)(struct timer *, void *), void *arg);

#endif
