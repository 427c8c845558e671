/*
 * clock: all clocks and timed waits: wall time and lease time.
 *
 * Wall time says when something happened and is shown to people; it may jump.
 * Lease time only runs forward while this machine is up, also through suspend,
 * and is the same for all its processes; expiry of presence is measured in
 * lease time (with boot_id, see db/rows/presence.h).
 *
 * Tests put their own functions into clock_wall and clock_lease.  Both give
 * milliseconds.  Safe from any thread.
 */
#ifndef DB_BASE_CLOCK_H
#define DB_BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>

#include "db/base/buf.h"

/* A function pointer, so that a test can set the time. */
extern int64_t (*clock_wall)(void); /* since 1970, UTC */
extern int64_t (*clock_lease)(void); /* since the machine started */

/*
 * A condition variable for clock_wait, and a wait of at most MS that setting
 * the wall clock neither shortens nor lengthens.  It may return early, as all
 * waits on conditions may.
 */
void clock_cond_init(pthread_cond_t *);
void clock_wait(pthread_cond_t *, pthread_mutex_t *, int64_t ms);

/*
 * Milliseconds that only run forward, for waits; tests do not set this clock.
 */
int64_t clock_waits(void);

/*
 * Interrupts (EINTR) a blocking call of the calling thread that takes no
 * timeout: after MS, and then every few ms, because the signal may arrive just
 * before the call blocks; until timer_delete.
 */
timer_t clock_interrupt(int64_t ms);

/* Adds MS since 1970 as RFC 3339 does: 2026-11-20T09:30:00.123Z */
void clock_add_rfc3339(struct buf *, int64_t ms);

/*
 * Reads such a time (RFC 3339 section 5.6: any offset, any number of
 * fraction digits) into *MS.  0, or -1 when TEXT is something else.
 */
int clock_parse_rfc3339(const char *text, int64_t *ms)
    __attribute__((warn_unused_result));

/* An id that changes when the machine restarts; "unknown" if there is none. */
void clock_add_boot_id(struct buf *);

#endif
