#include "db/engine/sqlite/connection.h"

#include <poll.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/log_buffer.h"
#include "db/engine/sqlite/result.h"

/*
 * SQLite's automatic checkpoints are off because they would run outside the
 * write lock (SQLite 3.40 can lose commits then); the store makes its own.
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

/* SQLite's name for the main database. */
static const char database[] = "main";

enum db_rc
connection_failed(struct db *db, const char *what)
{
	enum db_rc rc;

	db->code = sqlite3_extended_errcode(db->sqlite);
	db->error = sqlite3_system_errno(db->sqlite);
	rc = result_of(db->code, db->error);
	if (rc == DB_FAIL)
		log_error("database failed", "what=\"%s\" error=\"%s\" code=%d",
		    what, sqlite3_errmsg(db->sqlite), db->code);
	return rc;
}

/* The last errno of the log's file; 0: none. */
static int
log_errno(struct db *db)
{
	sqlite3_file *file = NULL;
	int error = 0;

	if (sqlite3_file_control(db->sqlite, database,
		SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK &&
	    file != NULL && file->pMethods != NULL)
		(void)file->pMethods->xFileControl(
		    file, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

enum db_rc
connection_commit_failed(struct db *db)
{
	int of_file =
	    db->code == SQLITE_IOERR_WRITE || db->code == SQLITE_IOERR_FSYNC;

	db->error = of_file ? log_errno(db) : 0;
	return result_of(db->code, db->error);
}

enum db_rc
connection_exec(struct db *db, const char *sql)
{
	if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return connection_failed(db, sql);
	return DB_OK;
}

void
connection_mine(struct db *db)
{
	must(pthread_equal(db->owner, pthread_self()));
}

void
connection_bound(struct db *db, int64_t until)
{
	db->until = until;
	db->bounded = 1;
}

void
connection_unbound(struct db *db)
{
	db->bounded = 0;
}

enum { PAUSE_MS = 2 };

/* SQLite calls this before its Nth new attempt to get a lock. */
static int
wait_for_lock(void *arg, int n)
{
	struct db *db = arg;

	if (n == 0 && !db->bounded)
		db->until = clock_waits() + db->busy_ms;
	if (clock_waits() >= db->until)
		return 0;
	(void)poll(NULL, 0, PAUSE_MS);
	return 1;
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

static struct db *
make(const struct schema *schema)
{
	struct db *db = must_alloc(sizeof(*db));

	db->schema = schema;
	db->owner = pthread_self();
	db->busy_ms = CONNECTION_BUSY_MS;
	return db;
}

/* Closing must not checkpoint, because it does not hold the write lock. */
static int
leave_log(struct db *db)
{
	return sqlite3_db_config(
	    db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

static int
set_up(struct db *db)
{
	int rc = sqlite3_busy_timeout(db->sqlite, CONNECTION_BUSY_MS);

	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(
		    db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = leave_log(db);
	return rc == SQLITE_OK ?
	    sqlite3_exec(db->sqlite, pragmas, NULL, NULL, NULL) :
	    rc;
}

enum db_rc
connection_open(const char *path, const struct schema *tables, struct db **out)
{
	struct db *db = make(tables);
	enum db_rc failed;
	int rc = sqlite3_open_v2(path, &db->sqlite,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_NOFOLLOW,
	    log_buffer_vfs());

	if (rc == SQLITE_OK)
		rc = set_up(db);
	if (rc == SQLITE_OK) {
		(void)sqlite3_extended_result_codes(db->sqlite, 1);
		(void)sqlite3_busy_handler(db->sqlite, wait_for_lock, db);
		(void)sqlite3_wal_hook(db->sqlite, remember_wal, db);
		db->read_only = sqlite3_db_readonly(db->sqlite, database) == 1;
		*out = db;
		return DB_OK;
	}
	failed = result_of(sqlite3_extended_errcode(db->sqlite),
	    sqlite3_system_errno(db->sqlite));
	log_error("database cannot be opened; see `parlor check`",
	    "path=\"%s\" error=\"%s\"", path, sqlite3_errmsg(db->sqlite));
	connection_close(db);
	return failed;
}

enum db_rc
connection_open_to_look(
    const char *path, const struct schema *tables, struct db **out)
{
	struct db *db = make(tables);
	int rc = sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READONLY, NULL);

	(void)sqlite3_busy_timeout(db->sqlite, CONNECTION_BUSY_MS);
	(void)leave_log(db);
	*out = db;
	return rc == SQLITE_OK ? DB_OK : DB_FAIL;
}

void
connection_close(struct db *db)
{
	must(db->stmts == NULL && sqlite3_close(db->sqlite) == SQLITE_OK);
	free(db);
}

int
connection_schema(struct db *db)
{
	sqlite3_stmt *s = NULL;
	int number = -1;

	if (sqlite3_prepare_v2(
		db->sqlite, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		number = sqlite3_column_int(s, 0);
	(void)sqlite3_finalize(s);
	return number;
}
