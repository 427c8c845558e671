#include "db/engine/db.h"

#include <poll.h>
#include <sqlite3.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/store.h"

/*
 * WAL's own checkpoints are off because they would run outside the write lock
 * (SQLite 3.40 can lose commits then); the store makes its own.
 */
static const char pragmas[] = "PRAGMA journal_mode = WAL;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA wal_autocheckpoint = 0;"
			      "PRAGMA foreign_keys = ON;"
			      "PRAGMA trusted_schema = OFF;"
			      "PRAGMA cell_size_check = ON;"
			      "PRAGMA secure_delete = ON;"
			      "PRAGMA mmap_size = 0;"
			      "PRAGMA temp_store = MEMORY;";

/* SQLite's name of the database that was opened. */
static const char schema[] = "main";

enum db_rc
db_fail(struct db *db, const char *what)
{
	enum db_rc rc;

	db->code = sqlite3_extended_errcode(db->sqlite);
	db->error = sqlite3_system_errno(db->sqlite);
	rc = storage_rc(db->code, db->error);
	if (rc == DB_FAIL)
		log_error("database failed", "what=\"%s\" error=\"%s\" code=%d",
		    what, sqlite3_errmsg(db->sqlite), db->code);
	return rc;
}

/* What the system said last of the log's file; 0: nothing. */
static int
log_errno(struct db *db)
{
	sqlite3_file *file = NULL;
	int error = 0;

	if (sqlite3_file_control(db->sqlite, schema,
		SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK &&
	    file != NULL && file->pMethods != NULL)
		(void)file->pMethods->xFileControl(
		    file, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

enum db_rc
db_commit_failed(struct db *db)
{
	int of_file =
	    db->code == SQLITE_IOERR_WRITE || db->code == SQLITE_IOERR_FSYNC;

	db->error = of_file ? log_errno(db) : 0;
	return storage_rc(db->code, db->error);
}

enum db_rc
db_exec(struct db *db, const char *sql)
{
	if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, sql);
	return DB_OK;
}

void
db_mine(struct db *db)
{
	must(pthread_equal(db->owner, pthread_self()));
}

void
db_bound(struct db *db, int64_t until)
{
	db->until = until;
	db->bounded = 1;
}

void
db_unbound(struct db *db)
{
	db->bounded = 0;
}

enum { PAUSE_MS = 2 };

/* SQLite asks before it tries once more for a lock, the Nth time. */
static int
wait_for_lock(void *arg, int n)
{
	struct db *db = arg;

	if (n == 0 && !db->bounded)
		db->until = clock_waits() + store_busy_ms(db->store);
	if (clock_waits() >= db->until)
		return 0;
	(void)poll(NULL, 0, PAUSE_MS);
	return 1;
}

enum db_rc
db_connect(const char *path, sqlite3 **out)
{
	int rc = sqlite3_open_v2(path, out,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_NOFOLLOW,
	    NULL);
	enum db_rc failed;

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(*out, DB_BUSY_MS);
	if (rc == SQLITE_OK)
		rc =
		    sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(
		    *out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*out, pragmas, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return DB_OK;
	failed = storage_rc(
	    sqlite3_extended_errcode(*out), sqlite3_system_errno(*out));
	log_error("database cannot be opened; see `parlor check`",
	    "path=\"%s\" error=\"%s\"", path, sqlite3_errmsg(*out));
	(void)sqlite3_close(*out);
	return failed;
}

int
db_schema(sqlite3 *sqlite)
{
	sqlite3_stmt *s;
	int number = -1;

	if (sqlite3_prepare_v2(sqlite, "PRAGMA user_version", -1, &s, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		number = sqlite3_column_int(s, 0);
	(void)sqlite3_finalize(s);
	return number;
}

static int
remember_wal(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
	struct db *db = arg;

	(void)sqlite;
	(void)name;
	db->wal_pages = pages;
	return SQLITE_OK;
}

enum db_rc
db_open(struct store *store, struct db **out)
{
	struct db *db = must_alloc(sizeof(*db));
	enum db_rc rc;

	db->store = store;
	db->schema = store_schema_of(store);
	db->owner = pthread_self();
	rc = db_connect(store_path(store), &db->sqlite);
	if (rc != DB_OK) {
		free(db);
		return rc;
	}
	(void)sqlite3_extended_result_codes(db->sqlite, 1);
	(void)sqlite3_busy_handler(db->sqlite, wait_for_lock, db);
	(void)sqlite3_wal_hook(db->sqlite, remember_wal, db);
	db->read_only = sqlite3_db_readonly(db->sqlite, schema) == 1;
	stmts_open(db);
	*out = db;
	return DB_OK;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	stmts_close(db);
	must(sqlite3_close(db->sqlite) == SQLITE_OK);
	free(db);
}

struct store *
db_store(struct db *db)
{
	return db->store;
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

enum db_rc
db_read(struct db *db, db_fn fn, void *arg)
{
	enum db_rc rc, end;

	db_mine(db);
	rc = db_exec(db, "BEGIN");
	if (rc != DB_OK)
		return rc;
	rc = fn(db, arg);
	end = db_exec(db, "COMMIT");
	return end == DB_OK ? rc : end;
}
