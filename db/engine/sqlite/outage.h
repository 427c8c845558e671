/*
 * outage: keeps leases from running out while the store cannot be written.
 *
 * No lease can be renewed during an outage, so no chatter may be treated as
 * gone.  The first process whose write is refused notes the time in the lock
 * file, whose bytes can be overwritten even on a full disk.  The first write
 * that succeeds, in any process, extends every lease by the time that has
 * passed.  On a read-only disk each process only knows of outages that it has
 * seen itself.
 */
#ifndef DB_ENGINE_SQLITE_OUTAGE_H
#define DB_ENGINE_SQLITE_OUTAGE_H

#include <stdint.h>

#include "db/engine/sqlite/lock.h"

struct outage {
	int64_t since; /* lease ms, as this process saw it; 0: none */
};

/* Makes room for the note in the lock file. */
void outage_prepare(const struct lock *);

/* A write was refused.  1: it was the first refusal in any process. */
int outage_begin(struct outage *, const struct lock *);

/* Whether an outage has begun, in any process, and not ended. */
int outage_is_on(const struct outage *, const struct lock *);

/*
 * In the first write transaction after an outage: extends the leases.  *MOVED
 * is 1 if there was an outage; call outage_end once that is committed.
 */
enum db_rc outage_pass(struct db *, const struct outage *, const struct lock *,
    int *moved) DB_CHECK;
void outage_end(struct outage *, const struct lock *);

#endif
