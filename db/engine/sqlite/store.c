#include "db/engine/sqlite/store.h"

#include <errno.h>
#include <semaphore.h>
#include <sodium.h>
#include <unistd.h>

#include "db/engine/migrations.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/writer.h"
#include "db/engine/sqlite/doorbell.h"
#include "db/engine/sqlite/datadir.h"

enum {
	QUEUE_MAX = 4096, /* jobs waiting: more are told to come back */
	WRITER_BATCH_MAX = 256, /* jobs sharing a commit: bounds its length */
	BUSY_MS = 1500 /* where nobody has set it */
};

struct store {
	/* set before the threads start */
	char *dir;
	char *path;
	enum store_mode mode;
	const struct schema *schema;
	pthread_key_t key; /* each thread's struct db */
	pthread_t thread;

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct db_job *first, **last;
	int waiting;
	int stopping;

	/* as it says */
	struct writing writing;

	/* anybody's */
	atomic_uint_fast64_t checkpoints;
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
	counts->commits = atomic_load(&store->writing.commits);
	counts->jobs = atomic_load(&store->writing.jobs);
	counts->failures = atomic_load(&store->writing.failures);
	counts->checkpoints = atomic_load(&store->checkpoints);
}

const struct schema *
store_schema_of(struct store *store)
{
	return store->schema;
}

void
store_checkpointed(struct store *store)
{
	atomic_fetch_add(&store->checkpoints, 1);
}

int64_t
store_busy_ms(struct store *store)
{
	return store->writing.busy_ms;
}

enum storage
store_storage(struct store *store)
{
	return (enum storage)atomic_load(&store->writing.state.state);
}

/* Takes up to WRITER_BATCH_MAX waiting jobs; NULL: the store is closing. */
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
		for (; job->next != NULL && n < WRITER_BATCH_MAX; n++)
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
	struct db_job *jobs;

	while ((jobs = take(store)) != NULL) {
		struct db *db = store_db(store);

		if (db != NULL)
			writer_run(db, &store->writing, jobs);
		else
			writer_refuse(jobs, DB_BUSY);
		store_rest(store);
	}
	return NULL;
}

enum db_rc
db_post(struct store *store, struct db_job *job)
{
	enum db_rc rc = DB_OK;

	job->next = NULL;
	job->posted = clock_waits();
	if (store->mode != STORE_THREAD) {
		struct db *db = store_db(store);

		if (db == NULL)
			return DB_BUSY;
		writer_run(db, &store->writing, job);
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
	w->job.freeing |= db->freeing;
	w->job.hurried |= db->hurried;
	if (db->store->mode != STORE_THREAD) {
		w->job.done = keep_rc;
		w->job.posted = clock_waits();
		writer_run(db, &db->store->writing, &w->job);
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

enum db_rc
db_write_freeing(struct db *db, db_fn fn, void *arg)
{
	struct waited w = { .job = { .fn = fn, .arg = arg, .freeing = 1 } };

	return wait_for(db, &w);
}

void
db_freeing(struct db *db, int frees)
{
	db_mine(db);
	db->freeing = frees;
}

void
db_hurry(struct db *db, int hurries)
{
	db_mine(db);
	db->hurried = hurries;
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

void
store_rest(struct store *store)
{
	struct db *db = pthread_getspecific(store->key);

	if (db == NULL || !db->read_only)
		return;
	must(pthread_setspecific(store->key, NULL) == 0);
	db_close(db);
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
	log_line(LOG_ERROR, datadir_wrong_schema(number),
	    "path=\"%s\" schema=%d ours=%d", store->path, number, store_schema);
	return DB_NONE;
}

static void
give_back(struct store *store)
{
	lock_close(&store->writing.lock);
	space_close(&store->writing.space);
	if (store->writing.bell >= 0)
		(void)close(store->writing.bell);
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
	struct writing *w = &store->writing;
	struct buf name = BUF_INIT;

	store->dir = must_copy(options->dir);
	buf_addf(&name, "%s/parlor.db", options->dir);
	store->path = must_copy(buf_str(&name));
	buf_done(&name);
	store->mode = options->mode;
	store->schema = options->schema;
	store->last = &store->first;
	w->dir = store->dir;
	w->is_brief = options->mode == STORE_REQUEST;
	w->wal_pages = options->wal_pages;
	w->busy_ms = options->busy_ms > 0 ? options->busy_ms : BUSY_MS;
	w->bell = doorbell_open();
	space_open(&w->space, options->dir, options->storage_max);
	if (lock_open(&w->lock, options->dir) != 0)
		log_error("lock file cannot be opened; see `parlor check`",
		    "directory=\"%s\" error=\"%s\"", options->dir,
		    strerror(errno));
	else
		outage_prepare(&w->lock);
	must(pthread_key_create(&store->key, close_own) == 0);
	must(pthread_mutex_init(&store->mutex, NULL) == 0);
	must(pthread_cond_init(&store->changed, NULL) == 0);
	return store;
}

/* What must be written before anything else, if it can be written now. */
static enum db_rc
begin(struct store *store, struct db *db)
{
	enum db_rc rc = store->schema->restart_check(db);

	if (rc == DB_OK)
		store->writing.boot_is_met = 1;
	if (rc == DB_NONE)
		rc = store_probe(db) != STORAGE_OK ?
		    DB_OK :
		    store->schema->restart_check(db);
	return rc;
}

enum db_rc
store_open(const struct store_options *options, struct store **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct store *store;
	struct db *db;
	enum db_rc rc;

	must(pthread_once(&once, setup) == 0);
	if (datadir_check(options->dir) != DB_OK)
		return DB_NONE;
	store = make(options);
	rc = check_schema(store);
	if (rc != DB_OK) {
		give_back(store);
		return rc;
	}
	if (store->mode == STORE_THREAD)
		must(pthread_create(&store->thread, NULL, writer, store) == 0);
	db = store_db(store);
	rc = db != NULL ? begin(store, db) : DB_FAIL;
	if (rc == DB_OK && store->mode == STORE_THREAD)
		rc = stmts_prepare(db);
	if (rc != DB_OK) {
		store_close(store);
		return rc;
	}
	datadir_give(options->dir);
	store_rest(store);
	*out = store;
	return DB_OK;
}

void
store_close(struct store *store)
{
	struct db *db;

	if (store == NULL)
		return;
	if (store->mode == STORE_THREAD) {
		must(pthread_mutex_lock(&store->mutex) == 0);
		store->stopping = 1;
		must(pthread_cond_signal(&store->changed) == 0);
		must(pthread_mutex_unlock(&store->mutex) == 0);
		must(pthread_join(store->thread, NULL) == 0);
	}
	db = pthread_getspecific(store->key);
	if (store->mode != STORE_REQUEST && db != NULL)
		writer_tidy(db, &store->writing);
	db_close(db);
	give_back(store);
}
