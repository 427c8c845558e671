/*
 * wal: moves SQLite's write-ahead log into the database.
 *
 * It does so under the write lock only: Debian 12's SQLite can lose commits
 * when a checkpoint of one process meets a write of another.  Each call
 * asserts that the lock is held.
 */
#ifndef DB_ENGINE_SQLITE_WAL_H
#define DB_ENGINE_SQLITE_WAL_H

#include <stdatomic.h>

#include "db/engine/sqlite/lock.h"

/* How often a checkpoint was made; read by any thread. */
struct wal {
	const struct lock *lock;
	atomic_uint_fast64_t checkpoints;
};

/* Moves as much as readers allow.  The log keeps its space on the disk. */
enum db_rc wal_run(struct db *, struct wal *) DB_CHECK;

/*
 * Moves all of it and cuts the log off.  DB_BUSY: somebody still read in it
 * after WAIT_MS.
 */
enum db_rc wal_truncate(struct db *, struct wal *, int64_t wait_ms) DB_CHECK;

/*
 * Erased text is still in the log: cuts the log off if that is due.  What
 * cannot be done now is tried again after later writes.
 */
enum db_rc wal_scrub(struct db *, struct wal *) DB_CHECK;

#endif
