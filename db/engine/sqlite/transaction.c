#include "db/engine/sqlite/transaction.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/failpoint.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/doorbell.h"
#include "db/engine/sqlite/result.h"
#include "db/engine/sqlite/stmt.h"

enum {
	BUSY_MS = 1500, /* unless the options set another */
	SHORT_MS = 100, /* for a lock, after a wait that was already long */
	WAL_AGAIN_MS = 100, /* between two checkpoints */
	TIDY_MS = 40 /* writers of other programs wait as long */
};

enum { BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, UNDO, N_SQL };
static const char *const sql[N_SQL] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SAVEPOINT] = "SAVEPOINT job",
	[RELEASE] = "RELEASE job",
	[UNDO] = "ROLLBACK TO job",
};
const struct sql transaction_sql = { SQL_TRANSACTION, sql, N_SQL };

static enum db_rc
control(struct db *db, int n)
{
	return stmt_run(db, &transaction_sql, n, NO_ARGS);
}

/* SQLite rolls a transaction back by itself, for example on a full disk. */
static int
is_undone(struct db *db)
{
	return sqlite3_get_autocommit(db->sqlite) != 0;
}

/* Whether RC is about the store and so affects every job. */
static int
is_everybodys(enum db_rc rc)
{
	return rc == DB_FULL || rc == DB_READ_ONLY;
}

static enum db_rc
call(struct db *db, struct db_job *job)
{
	enum db_rc rc;

	db->deferred = DB_OK;
	rc = job->fn(db, job->arg);
	return rc == DB_OK ? db->deferred : rc;
}

/* Runs one job that changes nothing unless it answers DB_OK. */
static enum db_rc
run_checked(struct db *db, struct db_job *job)
{
	int before = sqlite3_total_changes(db->sqlite);

	job->rc = call(db, job);
	if (is_undone(db))
		return result_of(db->code, db->error);
	if (is_everybodys(job->rc))
		return job->rc;
	if (job->rc != DB_OK && sqlite3_total_changes(db->sqlite) != before)
		return DB_FAIL;
	return DB_OK;
}

/* Runs one job under its savepoint.  A failing savepoint fails all jobs. */
static enum db_rc
run_job(struct db *db, struct db_job *job)
{
	enum db_rc rc = control(db, SAVEPOINT);
	int rang = db->rang;

	if (rc != DB_OK)
		return rc;
	job->rc = call(db, job);
	if (is_undone(db))
		return result_of(db->code, db->error);
	if (is_everybodys(job->rc))
		return job->rc;
	if (job->rc != DB_OK) {
		db->rang = rang;
		rc = control(db, UNDO);
	}
	return rc == DB_OK ? control(db, RELEASE) : rc;
}

static int
all_free_space(const struct db_job *jobs)
{
	while (jobs != NULL && jobs->freeing)
		jobs = jobs->next;
	return jobs == NULL;
}

/*
 * Inside the transaction: space_look has checked the disk; unused pages of the
 * database count too, and so does the owner's limit.
 */
static enum db_rc
find_room(struct db *db, struct writing *w, const struct db_job *jobs)
{
	enum db_rc *room = &w->now.room;
	int freeing = all_free_space(jobs);
	enum db_rc rc;

	if (*room == DB_FULL && space_inside(db, &w->space))
		*room = DB_OK;
	rc = space_limit(db, &w->space, freeing || *room == DB_FULL);
	if (rc != DB_FULL)
		return rc;
	*room = DB_FULL;
	return space_limit(db, &w->space, 1);
}

static enum db_rc
commit(struct db *db)
{
	enum db_rc rc = control(db, COMMIT);

	return rc == DB_OK ? rc : connection_commit_failed(db);
}

/* A transaction that changes nothing, to see whether a commit works. */
static enum db_rc
commit_nothing(struct db *db)
{
	enum db_rc rc = control(db, BEGIN);

	if (rc == DB_OK)
		rc = db->schema->touch(db);
	if (rc == DB_OK)
		rc = commit(db);
	if (!is_undone(db))
		(void)control(db, ROLLBACK);
	return rc;
}

/* Whether a commit failed after all of it had been written. */
static int
is_late(int code)
{
	return (code & 0xff) == SQLITE_NOMEM ||
	    ((code & 0xff) == SQLITE_IOERR && code != SQLITE_IOERR_WRITE);
}

/*
 * A commit can fail after its last frame has been written: when the log cannot
 * be synced, or its index cannot grow.  SQLite rolls the commit back, but
 * recovery after a crash would find it.  A commit in the same place overwrites
 * it, and so does truncating the log.  Without either, it is unknown whether
 * the commit is on the disk.
 */
static enum db_rc
disown(struct db *db, struct writing *w, enum db_rc failed)
{
	if (commit_nothing(db) == DB_OK ||
	    wal_truncate(db, &w->wal, 0) == DB_OK)
		return failed;
	log_error("commit failed late; crash recovery may still apply it",
	    "code=%d", db->code);
	return DB_FAIL;
}

/* Undoes a transaction that failed with RC; gives the answer to its jobs. */
static enum db_rc
take_back(struct db *db, struct writing *w, enum db_rc rc)
{
	int code = db->code, error = db->error;

	if (!is_undone(db))
		(void)control(db, ROLLBACK);
	if (rc == DB_FULL)
		space_met_end(&w->space);
	if (w->now.committing && is_late(code))
		rc = disown(db, w, rc);
	db->code = code;
	db->error = error;
	return rc;
}

/* A failed checkpoint does no harm yet, but the log grows. */
static void
checkpoint_failed(struct writing *w, const struct db *db, enum db_rc rc)
{
	if (rc == DB_FULL)
		space_met_end(&w->space);
	if (rc != DB_OK && rc != DB_BUSY && rc != DB_FULL && !w->wal_fails)
		log_error("checkpoints fail; see `parlor check`",
		    "why=\"%s\" error=\"%s\"", sqlite3_errstr(db->code),
		    strerror(db->error));
	w->wal_fails = rc != DB_OK;
}

/* Keeps the log short.  On a tight disk the log is truncated. */
static void
checkpoint(struct db *db, struct writing *w, int is_tight)
{
	enum db_rc rc = DB_OK;

	if (is_tight)
		rc = wal_truncate(db, &w->wal, SHORT_MS);
	else if (db->wal_pages > w->wal_pages && clock_waits() >= w->wal_due) {
		rc = wal_run(db, &w->wal);
		/* While a backup reads, the log stays long. */
		w->wal_due = clock_waits() + WAL_AGAIN_MS;
	}
	if (rc == DB_OK)
		rc = wal_scrub(db, &w->wal);
	checkpoint_failed(w, db, rc);
}

/*
 * The state of the storage according to this transaction, which ended with RC.
 */
static void
note(struct db *db, struct writing *w, enum db_rc rc)
{
	const struct transaction *t = &w->now;
	enum storage before = (enum storage)atomic_load(&w->state.state),
		     now = storage_of(rc == DB_OK ? t->room : rc);
	int is_first = 0;

	/* A transaction that wrote nothing proves nothing. */
	if (rc == DB_FAIL ||
	    (rc == DB_OK && t->room == DB_OK && before == STORAGE_FULL &&
		!t->changed))
		return;
	if (now != STORAGE_OK)
		is_first = outage_begin(&w->outage, &w->lock);
	/*
	 * Of many processes that serve one request each, only the first logs
	 * the state.
	 */
	if (w->is_brief && !is_first)
		atomic_store(&w->state.state, (int)now);
	if (w->is_brief && now == STORAGE_OK && t->is_over)
		log_info("store can be written again", "dir=\"%s\"", w->dir);
	storage_note(&w->state, now,
	    sqlite3_errstr(rc == DB_OK ? SQLITE_FULL : db->code),
	    rc == DB_OK ? 0 : db->error);
}

/* The time until which JOBS may wait for locks of other programs. */
static int64_t
patience(const struct writing *w, const struct db_job *jobs)
{
	int64_t least = clock_waits() + SHORT_MS,
		most = jobs->posted + w->busy_ms;

	/* A program that has held the lock for long will probably keep it. */
	if (atomic_load(&w->state.state) == STORAGE_BUSY || most < least ||
	    jobs->hurried)
		return least;
	return most;
}

enum db_rc
transaction_take(void *arg, struct db *db, const struct db_job *jobs)
{
	struct writing *w = arg;
	int64_t until = patience(w, jobs);
	enum db_rc rc;

	w->now = (struct transaction){ .room = DB_OK };
	/* The disk may have been read-only before. */
	if (w->lock.fd < 0)
		(void)!lock_open(&w->lock, w->dir);
	rc = lock_take(&w->lock, until);
	if (rc == DB_OK) {
		connection_bound(db, until);
		return DB_OK;
	}
	db->code = rc == DB_BUSY ? SQLITE_BUSY : SQLITE_READONLY;
	db->error = 0;
	/* A short wait proves nothing. */
	if (!jobs->hurried)
		note(db, w, rc);
	return rc;
}

enum db_rc
transaction_begin(void *arg, struct db *db, const struct db_job *jobs)
{
	struct writing *w = arg;
	struct transaction *t = &w->now;
	enum db_rc rc = DB_OK;

	t->room = space_look(&w->space);
	t->is_tight = !space_has_ballast(&w->space);
	t->changes = sqlite3_total_changes(db->sqlite);
	db->writing = 1;
	db->rang = 0;
	/* On a read-only connection SQLite lets BEGIN IMMEDIATE succeed. */
	if (db->read_only) {
		db->code = SQLITE_READONLY;
		db->error = 0;
		return DB_READ_ONLY;
	}
	/* Try the disk with an empty commit before the jobs are run. */
	if (t->room == DB_OK && outage_is_on(&w->outage, &w->lock))
		rc = commit_nothing(db);
	if (rc == DB_OK)
		rc = control(db, BEGIN);
	if (rc != DB_OK)
		return rc;
	failpoint("after_begin");
	if (!w->restart_is_met)
		rc = db->schema->restart(db);
	if (rc == DB_OK)
		rc = find_room(db, w, jobs);
	if (rc == DB_OK && t->room == DB_OK)
		rc = outage_pass(db, &w->outage, &w->lock, &t->is_over);
	return rc;
}

enum db_rc
transaction_run(void *arg, struct db *db, struct db_job *job)
{
	const struct transaction *t = &((struct writing *)arg)->now;

	if (job->ask != NULL)
		job->ask(db, job->arg);
	if (t->room == DB_OK || job->freeing)
		return (job->checked ? run_checked : run_job)(db, job);
	job->rc = t->room;
	return DB_OK;
}

enum db_rc
transaction_commit(void *arg, struct db *db)
{
	struct writing *w = arg;

	failpoint("after_insert");
	w->now.committing = 1;
	return commit(db);
}

enum db_rc
transaction_finish(void *arg, struct db *db, enum db_rc rc)
{
	struct writing *w = arg;
	struct transaction *t = &w->now;
	enum db_rc told = rc == DB_OK ? DB_OK : take_back(db, w, rc);

	db->writing = 0;
	t->rc = rc;
	t->changed = sqlite3_total_changes(db->sqlite) != t->changes;
	if (rc == DB_OK) {
		w->restart_is_met = 1;
		if (t->is_over)
			outage_end(&w->outage, &w->lock);
		failpoint("after_commit_before_reply");
		if (db->rang)
			doorbell_ring(w->bell, w->dir);
	}
	note(db, w, rc);
	return told;
}

void
transaction_end(void *arg, struct db *db)
{
	struct writing *w = arg;
	const struct transaction *t = &w->now;

	if (t->rc == DB_OK || t->rc == DB_FULL)
		checkpoint(
		    db, w, t->rc == DB_FULL || (t->is_tight && t->changed));
	connection_unbound(db);
	lock_give(&w->lock);
}

void
transaction_tidy(struct db *db, struct writing *w)
{
	int64_t until = clock_waits() + TIDY_MS;

	if (lock_take(&w->lock, until) != DB_OK)
		return;
	/*
	 * If the database is still being read, the last program to end will do
	 * it.
	 */
	if (wal_truncate(db, &w->wal, TIDY_MS) == DB_FAIL)
		log_warn("write-ahead log was not moved into the database",
		    "code=%d", db->code);
	lock_give(&w->lock);
}

void
transaction_open(
    struct writing *w, const char *dir, const struct store_options *options)
{
	w->dir = dir;
	w->is_brief = options->mode == STORE_REQUEST;
	w->wal_pages = options->wal_pages;
	w->busy_ms = options->busy_ms > 0 ? options->busy_ms : BUSY_MS;
	w->bell = doorbell_open();
	w->wal.lock = &w->lock;
	space_open(&w->space, dir, options->storage_max);
	if (lock_open(&w->lock, dir) != 0)
		log_error("lock file cannot be opened; see `parlor check`",
		    "directory=\"%s\" error=\"%s\"", dir, strerror(errno));
	else
		outage_prepare(&w->lock);
}

void
transaction_close(struct writing *w)
{
	lock_close(&w->lock);
	space_close(&w->space);
	if (w->bell >= 0)
		(void)close(w->bell);
}
