/*
 * fiber: a function that can wait without keeping its thread.
 *
 * A fiber has a stack of its own.  fiber_run runs it until it ends or has to
 * wait; then the thread does something else, and goes on with the fiber when
 * its wait is over.  A fiber stays in the thread that opened it, so it may use
 * that thread's connection to the store and whatever else is the thread's.  It
 * must not wait with a lock held or in the middle of a read from the store.
 *
 * fiber_wait serves a plain thread as well, which then blocks.  The functions
 * that wait for the store or for a hash need not know who calls them.
 *
 * A loop of events uses it like this:
 *
 *	if (fiber_run(f) == FIBER_WAITS) {
 *		(prepare to be told by READY)
 *		fiber_begin_wait(f);
 *	}
 *
 * and calls fiber_run again, in the same thread, after READY was called.  When
 * many waits end together, READY is called for one fiber of each thread alone,
 * so that a thread is woken once.  That thread calls fiber_collect, which calls
 * READY for the others.
 */
#ifndef DB_BASE_FIBER_H
#define DB_BASE_FIBER_H

#include <semaphore.h>

struct fiber;

/*
 * A fiber of the calling thread that will run FN with ARG.  READY is called
 * with ARG in any thread, once for each wait.
 */
struct fiber *fiber_open(
    void (*fn)(void *arg), void (*ready)(void *arg), void *arg);

/* FIBER_ENDED: FN has returned, and the fiber is gone. */
enum fiber_state { FIBER_ENDED, FIBER_WAITS };
enum fiber_state fiber_run(struct fiber *) __attribute__((warn_unused_result));

/*
 * After FIBER_WAITS: begins the wait.  From now on READY may be called.
 * fiber_wait_here: the thread waits, and READY is not called.
 */
void fiber_begin_wait(struct fiber *);
void fiber_wait_here(struct fiber *);

/*
 * Runs a fiber to its end whose current wait has not begun, or is over.  A wait
 * that has not begun is broken off, and so is any other that FN asks for.
 */
void fiber_break_off(struct fiber *);

void fiber_collect(void);

/* A wait of a fiber or a thread. */
struct fiber_wait {
	struct fiber *fiber; /* NULL: a thread waits */
	sem_t woken; /* of a thread */
};

/*
 * Calls START with ARG and returns after fiber_wake.  A fiber's START runs on
 * the thread's stack.  -1: the wait was broken off, and START was not called.
 */
int fiber_wait(struct fiber_wait *, void (*start)(void *arg), void *arg)
    __attribute__((warn_unused_result));

/*
 * Ends a wait, in any thread.  The wait may be gone after that.  Fibers are
 * told by fiber_wake_flush, which the same thread calls soon.
 */
void fiber_wake(struct fiber_wait *);
void fiber_wake_flush(void);

#endif
