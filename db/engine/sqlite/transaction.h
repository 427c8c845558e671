/*
 * transaction: the transaction of a batch: lock, begin, run, commit.
 *
 * It holds the write lock from the beginning to the end, the checkpoint
 * included.  A transaction that fails leaves nothing behind, and each of its
 * jobs gets the reason.
 */
#ifndef DB_ENGINE_SQLITE_TRANSACTION_H
#define DB_ENGINE_SQLITE_TRANSACTION_H

#include "db/engine/sqlite/lock.h"
#include "db/engine/sqlite/outage.h"
#include "db/engine/sqlite/space.h"
#include "db/engine/sqlite/wal.h"
#include "db/engine/storage.h"
#include "db/engine/writer.h"

/* The current transaction. */
struct transaction {
	enum db_rc room; /* DB_FULL: only for jobs that free space */
	int is_tight; /* on the disk */
	int committing;
	int is_over; /* an outage ends with this transaction */
	int changes; /* sqlite3_total_changes before it */
	int changed;
	enum db_rc rc; /* how it ended */
};

/* State that writes need in addition to a connection. */
struct writing {
	/* set before the threads start */
	struct store *store; /* the store they belong to */
	const char *dir;
	int64_t wal_pages, busy_ms;
	int bell; /* the socket that rings */
	int is_brief; /* one request of many: the state is logged already */

	/* the writing thread's own */
	struct lock lock;
	struct space space;
	struct wal wal;
	struct outage outage;
	struct transaction now;
	int restart_is_met;
	int wal_fails; /* and that has been logged */
	int64_t wal_due; /* clock_waits: no checkpoint before */

	/* any thread's */
	struct storage_state state;
};

/* DIR lives as long as the struct writing. */
void transaction_open(
    struct writing *, const char *dir, const struct store_options *);
void transaction_close(struct writing *);

/* As struct writer_engine wants them; each ARG is a struct writing. */
enum db_rc transaction_take(
    void *arg, struct db *, const struct db_job *jobs) DB_CHECK;
enum db_rc transaction_begin(
    void *arg, struct db *, const struct db_job *jobs) DB_CHECK;
enum db_rc transaction_run(void *arg, struct db *, struct db_job *) DB_CHECK;
enum db_rc transaction_commit(void *arg, struct db *) DB_CHECK;
enum db_rc transaction_finish(void *arg, struct db *, enum db_rc rc) DB_CHECK;
void transaction_end(void *arg, struct db *);

/* When no job is waiting: moves the log into the database if it can. */
void transaction_tidy(struct db *, struct writing *);

#endif
