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

/* The number of checkpoints made; read by any thread. */
struct wal {
	const struct lock *lock;
	atomic_uint_fast64_t checkpoints;
};

/* Moves as much as readers allow.  The log keeps its space on the disk. */
enum db_rc wal_run(struct db *, struct wal *) DB_CHECK;

/*
 * Moves all of it and truncates the log.  DB_BUSY: it was still being read
 * after WAIT_MS.
 */
enum db_rc wal_truncate(struct db *, struct wal *, int64_t wait_ms) DB_CHECK;

/*
 * Erased text is still in the log: truncates the log if that is due.  If that
 * is not possible now, later writes try it again.
 */
enum db_rc wal_scrub(struct db *, struct wal *) DB_CHECK;

#endif
