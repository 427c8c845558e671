/*
 * steady: the store's own time, for durations that outlive a boot.
 *
 * The wall clock may be set by any amount at any moment, and lease time
 * (db/base/clock.h) begins anew with the machine.  Steady time is the wall
 * time that the store saw when it met this boot, counted on by the lease
 * clock.  So it is never set, it is the same in all processes, it does not go
 * back when the machine starts anew, and yet it stays near the wall time.
 *
 * Rate limits, slow mode, the time for edits, bans, tickets, Idempotency-Keys
 * and the age of events are measured with it.  Times that people are shown,
 * and dates that they or a site have named, are wall time.
 */
#ifndef DB_ROWS_STEADY_H
#define DB_ROWS_STEADY_H

#include "db/engine/db.h"

/* Milliseconds.  Needs no transaction. */
int64_t steady_now(struct db *);

/* The wall time at which STEADY is reached if nobody sets the clock. */
int64_t steady_to_wall(struct db *, int64_t steady);

/* In a write transaction: the machine was started anew. */
enum db_rc steady_new_boot(struct db *) DB_CHECK;

#endif
