#include "db/engine/db.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/datadir.h"
#include "db/engine/sqlite/datadir_check.h"
#include "db/engine/sqlite/doorbell.h"
#include "db/engine/sqlite/stmt.h"
#include "db/engine/sqlite/transaction.h"
#include "db/engine/sqlite/version.h"

struct store {
	/* set before the threads start */
	char *dir;
	char *path;
	enum store_mode mode;
	const struct schema *schema;
	pthread_key_t key; /* each thread's struct db */
	struct writer *writer;

	/* as struct writing says */
	struct writing writing;
};

const char *
store_dir(struct store *store)
{
	return store->dir;
}

struct store *
db_store(struct db *db)
{
	return db->store;
}

int64_t
db_lease_now(struct db *db)
{
	(void)db;
	return clock_lease();
}

void
db_add_lease_run(struct db *db, struct buf *b)
{
	(void)db;
	clock_add_boot_id(b);
}

int64_t *
db_kept(struct db *db, int n)
{
	must(n >= 0 && n < DB_KEPT);
	return &db->kept[n];
}

void
db_ring_after_commit(struct db *db)
{
	db->rang = 1;
}

void
db_scrub_after_commit(struct db *db)
{
	db->erased = 1;
}

void
store_count(struct store *store, struct store_counts *counts)
{
	writer_count(store->writer, counts);
	counts->checkpoints = atomic_load(&store->writing.wal.checkpoints);
}

enum storage
store_storage(struct store *store)
{
	return (enum storage)atomic_load(&store->writing.state.state);
}

int
store_wake_open(struct store *store, int *lacking)
{
	return doorbell_listen(store->dir, lacking);
}

void
store_wake_clear(int fd)
{
	doorbell_drain(fd);
}

int
store_file_open(struct store *store, const char *name, int flags)
{
	struct buf path = BUF_INIT;
	int fd;

	buf_addf(&path, "%s/%s", store->dir, name);
	fd = datadir_open(store->dir, buf_str(&path), flags);
	buf_done(&path);
	return fd;
}

enum db_rc
db_open(struct store *store, struct db **out)
{
	enum db_rc rc = connection_open(store->path, store->schema, out);

	if (rc != DB_OK)
		return rc;
	(*out)->store = store;
	(*out)->busy_ms = store->writing.busy_ms;
	stmt_open_all(*out);
	return DB_OK;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	stmt_close_all(db);
	connection_close(db);
}

enum db_rc
db_read(struct db *db, db_fn fn, void *arg)
{
	enum db_rc rc, end;

	connection_mine(db);
	rc = connection_exec(db, "BEGIN");
	if (rc != DB_OK)
		return rc;
	rc = fn(db, arg);
	end = connection_exec(db, "COMMIT");
	return end == DB_OK ? rc : end;
}

enum db_rc
db_post(struct store *store, struct db_job *job)
{
	return writer_post(store->writer, job);
}

static enum db_rc
wait_for(struct db *db, struct db_job *job)
{
	int freeing = db->freeing, hurried = db->hurried;
	enum db_rc rc;

	connection_mine(db);
	must(!db->writing && sqlite3_get_autocommit(db->sqlite) != 0);
	job->freeing |= freeing;
	job->hurried |= hurried;
	db->waiting++;
	rc = writer_wait(db->store->writer, db, job);
	db->waiting--;
	/* Other fibers of this thread may have used the connection meanwhile. */
	db->freeing = freeing;
	db->hurried = hurried;
	return rc;
}

enum db_rc
db_write(struct db *db, db_fn fn, void *arg)
{
	struct db_job job = { .fn = fn, .arg = arg };

	return wait_for(db, &job);
}

enum db_rc
db_write_checked(struct db *db, db_ask_fn ask, db_fn fn, void *arg)
{
	struct db_job job = { .fn = fn, .arg = arg, .ask = ask, .checked = 1 };

	return wait_for(db, &job);
}

enum db_rc
db_write_freeing(struct db *db, db_fn fn, void *arg)
{
	struct db_job job = { .fn = fn, .arg = arg, .freeing = 1 };

	return wait_for(db, &job);
}

/* The write lock lets one process write at a time, so nothing is missed. */
enum db_rc
db_chore(struct db *db, db_fn fn, void *arg)
{
	return db_write(db, fn, arg);
}

enum db_rc
db_chore_freeing(struct db *db, db_fn fn, void *arg)
{
	return db_write_freeing(db, fn, arg);
}

void
db_freeing(struct db *db, int frees)
{
	connection_mine(db);
	db->freeing = frees;
}

void
db_hurry(struct db *db, int hurries)
{
	connection_mine(db);
	db->hurried = hurries;
}

static enum db_rc
change_nothing(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return DB_OK;
}

static enum db_rc
touch(struct db *db, void *arg)
{
	(void)arg;
	return db->schema->touch(db);
}

enum storage
store_probe(struct db *db)
{
	int is_ok = store_storage(db->store) == STORAGE_OK;
	/* Only a write that changes something proves that the state ended. */
	enum db_rc rc = db_write(db, is_ok ? change_nothing : touch, NULL);
	enum storage found = storage_of(rc);

	return found != STORAGE_OK ? found : store_storage(db->store);
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

	if (db == NULL || !db->read_only || db->waiting > 0)
		return;
	must(pthread_setspecific(store->key, NULL) == 0);
	db_close(db);
}

/*
 * Checks the schema before statements are prepared, because SQLite's errors
 * about another schema do not say what to do.
 */
static enum db_rc
check_schema(const struct store *store)
{
	struct db *db;
	int number;

	if (connection_open(store->path, store->schema, &db) != DB_OK)
		return DB_FAIL;
	number = connection_schema(db);
	connection_close(db);
	if (number == store_schema)
		return DB_OK;
	log_line(LOG_ERROR, version_wrong(number),
	    "path=\"%s\" schema=%d ours=%d", store->path, number, store_schema);
	return DB_NONE;
}

static void
setup(void)
{
	/* SQLite's memory counters share a mutex among all threads. */
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
	buf_done(&name);
	store->mode = options->mode;
	store->schema = options->schema;
	store->writing.store = store;
	transaction_open(&store->writing, store->dir, options);
	must(pthread_key_create(&store->key, close_own) == 0);
	return store;
}

static void
give_back(struct store *store)
{
	transaction_close(&store->writing);
	(void)pthread_key_delete(store->key);
	free(store->dir);
	free(store->path);
	free(store);
}

/* Handles a restart of the machine before anything else, if it can write. */
static enum db_rc
begin(struct store *store, struct db *db)
{
	enum db_rc rc = store->schema->restart_check(db);

	if (rc == DB_OK)
		store->writing.restart_is_met = 1;
	if (rc == DB_NONE)
		rc = store_probe(db) != STORAGE_OK ?
		    DB_OK :
		    store->schema->restart_check(db);
	return rc;
}

static struct db *
connect_writer(void *arg)
{
	return store_db(((struct writing *)arg)->store);
}

static void
rest_writer(void *arg)
{
	store_rest(((struct writing *)arg)->store);
}

static const struct writer_engine engine = {
	.connect = connect_writer,
	.rest = rest_writer,
	.take = transaction_take,
	.begin = transaction_begin,
	.run = transaction_run,
	.commit = transaction_commit,
	.finish = transaction_finish,
	.end = transaction_end,
};

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
	store->writer = writer_open(&engine, &store->writing, store->mode);
	db = store_db(store);
	rc = db != NULL ? begin(store, db) : DB_FAIL;
	if (rc == DB_OK && store->mode == STORE_THREAD)
		rc = stmt_prepare_all(db);
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
	writer_close(store->writer);
	db = pthread_getspecific(store->key);
	if (store->mode != STORE_REQUEST && db != NULL)
		transaction_tidy(db, &store->writing);
	db_close(db);
	give_back(store);
}
