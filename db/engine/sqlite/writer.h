/*
 * writer: one write transaction shared by the jobs that wait; for db/ alone.
 *
 * It takes the write lock, runs the jobs, commits, answers each job, and
 * checkpoints, all before it gives the lock back.  A transaction that fails
 * leaves nothing behind, and each of its jobs is told why.
 */
#ifndef DB_ENGINE_SQLITE_WRITER_H
#define DB_ENGINE_SQLITE_WRITER_H

#include "db/engine/sqlite/outage.h"
#include "db/engine/sqlite/space.h"
#include "db/engine/sqlite/store.h"

/* What writes need beside a connection. */
struct writing {
	/* set before the threads start */
	const char *dir;
	int64_t wal_pages, busy_ms;
	int bell; /* the socket that rings */
	int is_brief; /* one request of many: what begins was logged before */

	/* the writing thread's own */
	struct lock lock;
	struct space space;
	int boot_is_met;
	struct outage outage;
	int is_over; /* an outage, with this transaction */
	int wal_fails; /* and that was logged */

	/* anybody's */
	struct storage_state state;
	atomic_uint_fast64_t commits, jobs, failures;
};

/* Runs JOBS, a list, and tells each how it went; each may be gone then. */
void writer_run(struct db *, struct writing *, struct db_job *jobs);

/* Tells each of JOBS, which were not run, RC. */
void writer_refuse(struct db_job *jobs, enum db_rc rc);

/* When no job will come: moves the log into the database if it can. */
void writer_tidy(struct db *, struct writing *);

#endif
