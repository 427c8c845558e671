#include "db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/failpoint.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/doorbell.h"
#include "db/migrate.h"
#include "db/place.h"
#include "db/steady.h"

enum {
	SCRUB_WAIT_MS = 50,
	SCRUB_EVERY_MS = 500,
	QUEUE_MAX = 4096, /* jobs waiting: more are told to come back */
	BATCH_MAX = 256 /* jobs sharing a commit: bounds its length */
};

enum {
	BEGIN,
	COMMIT,
	ROLLBACK,
	SAVEPOINT,
	RELEASE,
	UNDO,
	BOOT,
	SET_BOOT,
	GRACE_ALL,
	FORGET_NODES,
	FORGET_LISTENERS,
	FORGET_AWAITING,
	FORGET_GOODBYES,
	N_SQL
};
static const char *const sql[N_SQL] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SAVEPOINT] = "SAVEPOINT job",
	[RELEASE] = "RELEASE job",
	[UNDO] = "ROLLBACK TO job",
	[BOOT] = "SELECT 1 FROM meta WHERE one = 1 AND boot = ?",
	[SET_BOOT] = "UPDATE meta SET boot = ? WHERE one = 1",
	[GRACE_ALL] =
	    "UPDATE presence SET node = NULL, expires = ?"
	    " + (SELECT grace FROM room WHERE room.id = presence.room)",
	[FORGET_NODES] = "DELETE FROM node",
	[FORGET_LISTENERS] = "DELETE FROM listener",
	[FORGET_AWAITING] = "DELETE FROM awaiting",
	[FORGET_GOODBYES] = "DELETE FROM goodbye",
};
const struct sql store_sql = { SQL_STORE, sql, N_SQL };

const int store_schema = 9;

struct store {
	/* set before the threads start */
	char *dir;
	char *path;
	enum store_mode mode;
	int64_t wal_pages;
	int lock; /* the file of the write lock */
	int bell; /* the socket that rings */
	pthread_key_t key; /* each thread's struct db */
	pthread_t thread;

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct db_job *first, **last;
	int waiting;
	int stopping;

	/* anybody's */
	atomic_uint_fast64_t commits, jobs, failures, checkpoints;
};

const char *
store_path(struct store *store)
{
	return store->path;
}

const char *
store_dir(struct store *store)
{
	return store->dir;
}

void
store_count(struct store *store, struct store_counts *counts)
{
	counts->commits = atomic_load(&store->commits);
	counts->jobs = atomic_load(&store->jobs);
	counts->failures = atomic_load(&store->failures);
	counts->checkpoints = atomic_load(&store->checkpoints);
}

/* The lock dies with its process, so waiting for it ends. */
static enum db_rc
lock(struct store *store)
{
	while (flock(store->lock, LOCK_EX) != 0)
		if (errno != EINTR) {
			log_error("write lock cannot be taken", "error=\"%s\"",
			    strerror(errno));
			return DB_FAIL;
		}
	return DB_OK;
}

static void
unlock(struct store *store)
{
	failpoint("before_unlock");
	must(flock(store->lock, LOCK_UN) == 0);
}

static enum db_rc
control(struct db *db, int n)
{
	return stmt_run(db, &store_sql, n, NO_ARGS);
}

/* Runs one job that changes nothing unless it answers DB_OK. */
static enum db_rc
run_checked(struct db *db, struct db_job *job)
{
	int before = sqlite3_total_changes(db->sqlite);

	job->rc = job->fn(db, job->arg);
	if (sqlite3_get_autocommit(db->sqlite) != 0)
		return DB_FAIL; /* SQLite undid it all: disk full */
	if (job->rc != DB_OK && sqlite3_total_changes(db->sqlite) != before)
		return DB_FAIL;
	return DB_OK;
}

/* Runs one job under its savepoint; a failure of that is everybody's. */
static enum db_rc
run_job(struct db *db, struct db_job *job)
{
	int rang = db->rang;

	if (control(db, SAVEPOINT) != DB_OK)
		return DB_FAIL;
	job->rc = job->fn(db, job->arg);
	if (sqlite3_get_autocommit(db->sqlite) != 0)
		return DB_FAIL; /* SQLite undid it all: disk full */
	if (job->rc != DB_OK) {
		db->rang = rang;
		if (control(db, UNDO) != DB_OK)
			return DB_FAIL;
	}
	return control(db, RELEASE);
}

static enum db_rc
run_jobs(struct db *db, struct db_job *jobs)
{
	if (control(db, BEGIN) != DB_OK)
		return DB_FAIL;
	failpoint("after_begin");
	for (struct db_job *job = jobs; job != NULL; job = job->next)
		if ((job->checked ? run_checked : run_job)(db, job) != DB_OK)
			return DB_FAIL;
	failpoint("after_insert");
	return control(db, COMMIT);
}

static void
checkpoint(struct db *db)
{
	int in_wal, done;

	failpoint("before_checkpoint");
	if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
		SQLITE_CHECKPOINT_PASSIVE, &in_wal, &done) != SQLITE_OK)
		(void)db_fail(db, "checkpoint");
	db->wal_pages = in_wal - done;
	atomic_fetch_add(&db->store->checkpoints, 1);
}

/*
 * The log that holds what was erased is cut off, as soon as nobody reads in
 * it; until then now and then with later writes, which wait for that.
 */
static void
scrub(struct db *db)
{
	int rc;

	(void)sqlite3_busy_timeout(db->sqlite, SCRUB_WAIT_MS);
	rc = sqlite3_wal_checkpoint_v2(
	    db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(db->sqlite, DB_BUSY_MS);
	if (rc == SQLITE_OK) {
		db->erased = 0;
		db->scrub = 0;
		db->wal_pages = 0;
		atomic_fetch_add(&db->store->checkpoints, 1);
		return;
	}
	db->scrub = clock_lease() + SCRUB_EVERY_MS;
	if (rc != SQLITE_BUSY)
		(void)db_fail(db, "scrub");
}

/* Tells every job how it went; each may be gone after that. */
static void
answer(struct db_job *jobs, enum db_rc common)
{
	while (jobs != NULL) {
		struct db_job *job = jobs;

		jobs = job->next;
		job->done(job, common == DB_OK ? job->rc : common);
	}
}

/* One shared transaction of JOBS under the write lock. */
static void
run_batch(struct db *db, struct db_job *jobs)
{
	struct store *store = db->store;
	enum db_rc rc;

	for (struct db_job *job = jobs; job != NULL; job = job->next)
		atomic_fetch_add(&store->jobs, 1);
	if (lock(store) != DB_OK) {
		answer(jobs, DB_FAIL);
		return;
	}
	db->writing = 1;
	db->rang = 0;
	rc = run_jobs(db, jobs);
	if (rc != DB_OK && sqlite3_get_autocommit(db->sqlite) == 0)
		(void)control(db, ROLLBACK);
	db->writing = 0;
	atomic_fetch_add(rc == DB_OK ? &store->commits : &store->failures, 1);
	if (rc == DB_OK)
		failpoint("after_commit_before_reply");
	if (rc == DB_OK && db->rang)
		doorbell_ring(store->bell, store->dir);
	answer(jobs, rc == DB_OK ? DB_OK : DB_FAIL);
	if (db->erased && clock_lease() >= db->scrub)
		scrub(db);
	if (db->wal_pages > store->wal_pages)
		checkpoint(db);
	unlock(store);
}

/* Takes up to BATCH_MAX waiting jobs; NULL: the store is closing. */
static struct db_job *
take(struct store *store)
{
	struct db_job *jobs, *job;
	int n = 1;

	must(pthread_mutex_lock(&store->mutex) == 0);
	while (store->first == NULL && !store->stopping)
		must(pthread_cond_wait(&store->changed, &store->mutex) == 0);
	jobs = job = store->first;
	if (jobs != NULL) {
		for (; job->next != NULL && n < BATCH_MAX; n++)
			job = job->next;
		store->first = job->next;
		if (store->first == NULL)
			store->last = &store->first;
		store->waiting -= n;
		job->next = NULL;
	}
	must(pthread_mutex_unlock(&store->mutex) == 0);
	return jobs;
}

static void *
writer(void *arg)
{
	struct store *store = arg;
	struct db *db = store_db(store);
	struct db_job *jobs;

	while ((jobs = take(store)) != NULL) {
		if (db == NULL)
			db = store_db(store);
		if (db != NULL)
			run_batch(db, jobs);
		else
			answer(jobs, DB_FAIL);
	}
	return NULL;
}

enum db_rc
db_post(struct store *store, struct db_job *job)
{
	enum db_rc rc = DB_OK;

	job->next = NULL;
	if (store->mode == STORE_DIRECT) {
		struct db *db = store_db(store);

		if (db == NULL)
			return DB_BUSY;
		run_batch(db, job);
		return DB_OK;
	}
	must(pthread_mutex_lock(&store->mutex) == 0);
	if (store->waiting >= QUEUE_MAX) {
		rc = DB_BUSY;
	} else {
		*store->last = job;
		store->last = &job->next;
		store->waiting++;
		must(pthread_cond_signal(&store->changed) == 0);
	}
	must(pthread_mutex_unlock(&store->mutex) == 0);
	return rc;
}

/* A job whose poster waits. */
struct waited {
	struct db_job job;
	enum db_rc rc;
	sem_t done;
};

static void
wake(struct db_job *job, enum db_rc rc)
{
	struct waited *w = (struct waited *)(void *)job;

	w->rc = rc;
	must(sem_post(&w->done) == 0);
}

static void
keep_rc(struct db_job *job, enum db_rc rc)
{
	struct waited *w = (struct waited *)(void *)job;

	w->rc = rc;
}

static enum db_rc
wait_for(struct db *db, struct waited *w)
{
	enum db_rc rc;

	db_mine(db);
	must(!db->writing);
	if (db->store->mode == STORE_DIRECT) {
		w->job.done = keep_rc;
		run_batch(db, &w->job);
		return w->rc;
	}
	w->job.done = wake;
	must(sem_init(&w->done, 0, 0) == 0);
	rc = db_post(db->store, &w->job);
	if (rc == DB_OK) {
		while (sem_wait(&w->done) != 0)
			must(errno == EINTR);
		rc = w->rc;
	}
	(void)sem_destroy(&w->done);
	return rc;
}

enum db_rc
db_write(struct db *db, db_fn fn, void *arg)
{
	struct waited w = { .job = { .fn = fn, .arg = arg } };

	return wait_for(db, &w);
}

enum db_rc
db_write_checked(struct db *db, db_fn fn, void *arg)
{
	struct waited w = { .job = { .fn = fn, .arg = arg, .checked = 1 } };

	return wait_for(db, &w);
}

static void
close_own(void *db)
{
	db_close(db);
}

struct db *
store_db(struct store *store)
{
	struct db *db = pthread_getspecific(store->key);

	if (db == NULL && db_open(store, &db) == DB_OK)
		must(pthread_setspecific(store->key, db) == 0);
	return db;
}

/*
 * The machine was started anew: lease times begin at 0 again and no daemon
 * of before is left.
 */
static enum db_rc
new_boot(struct db *db, void *arg)
{
	const struct buf *id = arg;
	enum db_rc rc;

	rc = stmt_run(db, &store_sql, GRACE_ALL, ARGS(INT(clock_lease())));
	if (rc == DB_OK)
		rc = control(db, FORGET_NODES);
	if (rc == DB_OK)
		rc = control(db, FORGET_LISTENERS);
	if (rc == DB_OK)
		rc = control(db, FORGET_AWAITING);
	if (rc == DB_OK)
		rc = control(db, FORGET_GOODBYES);
	if (rc == DB_OK)
		rc = steady_new_boot(db);
	if (rc == DB_OK)
		rc = stmt_run(db, &store_sql, SET_BOOT, ARGS(BUF(id)));
	return rc;
}

static enum db_rc
check_boot(struct db *db)
{
	struct buf id = BUF_INIT;
	enum db_rc rc;
	int64_t same;

	clock_add_boot_id(&id);
	rc = stmt_one(db, &store_sql, BOOT, ARGS(BUF(&id)), &same);
	if (rc == DB_NONE)
		rc = db_write(db, new_boot, &id);
	buf_done(&id);
	return rc;
}

/*
 * Looked at before the statements are prepared: those of another schema fail
 * with words that help nobody.
 */
static enum db_rc
check_schema(const struct store *store)
{
	sqlite3 *sqlite;
	int number;

	if (db_connect(store->path, &sqlite) != DB_OK)
		return DB_FAIL;
	number = db_schema(sqlite);
	(void)sqlite3_close(sqlite);
	if (number == store_schema)
		return DB_OK;
	log_line(LOG_ERROR, place_wrong_schema(number),
	    "path=\"%s\" schema=%d ours=%d", store->path, number, store_schema);
	return DB_NONE;
}

static void
give_back(struct store *store)
{
	if (store->lock >= 0)
		(void)close(store->lock);
	if (store->bell >= 0)
		(void)close(store->bell);
	(void)pthread_key_delete(store->key);
	must(pthread_cond_destroy(&store->changed) == 0);
	must(pthread_mutex_destroy(&store->mutex) == 0);
	free(store->dir);
	free(store->path);
	free(store);
}

static void
setup(void)
{
	/* Its counters are one mutex that every thread would wait for. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	must(sodium_init() >= 0);
}

static struct store *
make(const struct store_options *options)
{
	struct store *store = must_alloc(sizeof(*store));
	struct buf name = BUF_INIT;

	store->dir = must_copy(options->dir);
	buf_addf(&name, "%s/parlor.db", options->dir);
	store->path = must_copy(buf_str(&name));
	buf_clear(&name);
	buf_addf(&name, "%s/parlor.lock", options->dir);
	store->mode = options->mode;
	store->wal_pages = options->wal_pages;
	store->last = &store->first;
	store->lock =
	    open(buf_str(&name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		migrate_file_mode(options->dir));
	if (store->lock < 0)
		log_error("lock file cannot be opened; see `parlor check`",
		    "path=\"%s\" error=\"%s\"", buf_str(&name),
		    strerror(errno));
	buf_done(&name);
	store->bell = doorbell_open();
	must(pthread_key_create(&store->key, close_own) == 0);
	must(pthread_mutex_init(&store->mutex, NULL) == 0);
	must(pthread_cond_init(&store->changed, NULL) == 0);
	return store;
}

enum db_rc
store_open(const struct store_options *options, struct store **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct store *store;
	struct db *db;
	enum db_rc rc;

	must(pthread_once(&once, setup) == 0);
	if (place_check(options->dir) != DB_OK)
		return DB_NONE;
	store = make(options);
	rc = check_schema(store);
	if (rc == DB_OK && store->lock < 0)
		rc = DB_FAIL;
	if (rc != DB_OK) {
		give_back(store);
		return rc;
	}
	if (store->mode == STORE_THREAD)
		must(pthread_create(&store->thread, NULL, writer, store) == 0);
	db = store_db(store);
	rc = db != NULL ? check_boot(db) : DB_FAIL;
	if (rc == DB_OK && store->mode == STORE_THREAD)
		rc = stmts_prepare(db);
	if (rc != DB_OK) {
		store_close(store);
		return rc;
	}
	place_give(options->dir);
	*out = store;
	return DB_OK;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->mode == STORE_THREAD) {
		must(pthread_mutex_lock(&store->mutex) == 0);
		store->stopping = 1;
		must(pthread_cond_signal(&store->changed) == 0);
		must(pthread_mutex_unlock(&store->mutex) == 0);
		must(pthread_join(store->thread, NULL) == 0);
	}
	db_close(pthread_getspecific(store->key));
	give_back(store);
}
