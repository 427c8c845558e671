/*
 * wal: moves the write-ahead log into the database; for db/ alone.
 *
 * Only under the write lock: Debian 12's SQLite can lose commits when a
 * checkpoint of one process meets a write of another.  Each call ends the
 * program if the lock is not held.
 */
#ifndef DB_ENGINE_SQLITE_WAL_H
#define DB_ENGINE_SQLITE_WAL_H

#include "db/engine/sqlite/lock.h"

/* As much as readers allow, and none of the log's own space given back. */
enum db_rc wal_run(struct db *, const struct lock *) DB_CHECK;

/*
 * All of it, and cuts the log off.  DB_BUSY: somebody reads in it and has not
 * ended within WAIT_MS.
 */
enum db_rc wal_truncate(
    struct db *, const struct lock *, int64_t wait_ms) DB_CHECK;

/*
 * What was erased is still in the log: cuts it off if that is due, else later,
 * after other writes.
 */
enum db_rc wal_scrub(struct db *, const struct lock *) DB_CHECK;

#endif
