#include "db/db.h"

#include <sqlite3.h>

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/store.h"

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

enum db_rc
db_fail(struct db *db, const char *what)
{
	log_error("database failed", "what=\"%s\" error=\"%s\" code=%d", what,
	    sqlite3_errmsg(db->sqlite), sqlite3_extended_errcode(db->sqlite));
	return DB_FAIL;
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

enum db_rc
db_connect(const char *path, sqlite3 **out)
{
	int rc = sqlite3_open_v2(path, out,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_NOFOLLOW,
	    NULL);

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
	log_error("database cannot be opened; see `parlor check`",
	    "path=\"%s\" error=\"%s\"", path, sqlite3_errmsg(*out));
	(void)sqlite3_close(*out);
	return DB_FAIL;
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

	db->store = store;
	db->owner = pthread_self();
	if (db_connect(store_path(store), &db->sqlite) != DB_OK) {
		free(db);
		return DB_FAIL;
	}
	(void)sqlite3_extended_result_codes(db->sqlite, 1);
	(void)sqlite3_wal_hook(db->sqlite, remember_wal, db);
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
	if (db_exec(db, "BEGIN") != DB_OK)
		return DB_FAIL;
	rc = fn(db, arg);
	end = db_exec(db, "COMMIT");
	return end == DB_OK ? rc : end;
}
