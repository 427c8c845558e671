/*
 * outage: time in which the store could not be written counts against no
 * lease.
 *
 * Nobody could renew a lease then, so nobody may be told to have left.  The
 * process that is refused first writes down when that was, in the lock file,
 * whose bytes can be overwritten on a full disk as well.  The first write that
 * succeeds, in whatever process, moves every lease by the time that has passed.
 * On a read-only disk each process knows only what it saw itself.
 */
#ifndef DB_ENGINE_SQLITE_OUTAGE_H
#define DB_ENGINE_SQLITE_OUTAGE_H

#include <stdint.h>

#include "db/engine/sqlite/lock.h"

struct outage {
	int64_t since; /* lease ms, as this process saw it; 0: none */
};

/* Makes room for it in the lock file. */
void outage_prepare(const struct lock *);

/* A write was refused.  1: this was the first, in any process. */
int outage_begin(struct outage *, const struct lock *);

/* Whether one has begun, in any process, and not ended. */
int outage_is_on(const struct outage *, const struct lock *);

/*
 * In the first write transaction after it: moves the leases.  *MOVED is 1 if
 * there was an outage; outage_end is called when that is on the disk.
 */
enum db_rc outage_pass(struct db *, const struct outage *, const struct lock *,
    int *moved) DB_CHECK;
void outage_end(struct outage *, const struct lock *);

#endif
