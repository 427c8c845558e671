#include "db/engine/sqlite/migrate.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/datadir.h"
#include "db/engine/sqlite/datadir_check.h"
#include "db/engine/sqlite/lock.h"
#include "db/engine/sqlite/result.h"
#include "db/engine/sqlite/space.h"
#include "db/engine/sqlite/stmt.h"
#include "db/engine/sqlite/version.h"

enum { LOCK_MS = 5000 };

/* The administrator's remedy for RC. */
static const char *
advice(enum db_rc rc)
{
	switch (rc) {
	case DB_FULL:
		return "migration failed, nothing was changed; free space on"
		       " the disk and run it again";
	case DB_BUSY:
		return "migration failed, nothing was changed; another program"
		       " holds the database: end it and run this again";
	case DB_READ_ONLY:
		return "migration failed, nothing was changed; make the"
		       " database and its directory writable";
	case DB_OK:
	case DB_NONE:
	case DB_CONFLICT:
	case DB_FAIL:
		break;
	}
	return "migration failed; the database is as it was before";
}

static enum db_rc
failed(struct db *db, const char *what)
{
	enum db_rc rc = result_of(sqlite3_extended_errcode(db->sqlite),
	    sqlite3_system_errno(db->sqlite));

	log_error(
	    advice(rc), "at=%s error=\"%s\"", what, sqlite3_errmsg(db->sqlite));
	(void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return DB_FAIL;
}

static int
exec(struct db *db, const char *sql)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static enum db_rc
run_one(struct db *db, const char *sql)
{
	if (!exec(db, "BEGIN IMMEDIATE"))
		return failed(db, "begin");
	if (!exec(db, sql))
		return failed(db, "statement");
	if (!exec(db, "COMMIT"))
		return failed(db, "commit");
	return DB_OK;
}

/* Brings the derived columns up to date, in a transaction of their own. */
static enum db_rc
upgrade(struct db *db)
{
	enum db_rc rc;

	if (!exec(db, "BEGIN IMMEDIATE"))
		return failed(db, "begin");
	stmt_open_all(db);
	db->writing = 1;
	rc = db->schema->upgrade_due(db);
	if (rc == DB_OK)
		rc = db->schema->upgrade(db);
	db->writing = 0;
	stmt_close_all(db);
	if (rc != DB_OK && rc != DB_NONE)
		return failed(db, "upgrade");
	return exec(db, "COMMIT") ? DB_OK : failed(db, "commit");
}

enum db_rc
migrate_file(const char *path, const struct schema *schema)
{
	enum db_rc rc = DB_OK;
	struct db *db;
	int number;

	rc = connection_open(path, schema, &db);
	if (rc != DB_OK) {
		log_error(advice(rc), "at=open path=\"%s\"", path);
		return rc;
	}
	number = connection_schema(db);
	if (number < 0 || number > store_schema) {
		log_line(LOG_ERROR, version_wrong(number),
		    "path=\"%s\" schema=%d ours=%d", path, number,
		    store_schema);
		rc = DB_FAIL;
	}
	for (int i = number; rc == DB_OK && i < store_schema; i++) {
		/* On a large store this may take a minute. */
		if (number > 0)
			log_info("migrating", "schema=%d", i + 1);
		rc = run_one(db, migrations[i]);
	}
	if (rc == DB_OK)
		rc = upgrade(db);
	/*
	 * Moves the whole log into parlor.db, unless the database is being
	 * read.
	 */
	if (rc == DB_OK && number < store_schema)
		(void)sqlite3_wal_checkpoint_v2(
		    db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	connection_close(db);
	return rc;
}

static int
is_there(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;
	struct stat st;
	int there;

	buf_addf(&path, "%s/%s", dir, name);
	there = stat(buf_str(&path), &st) == 0;
	buf_done(&path);
	return there;
}

/* Bytes of the file, 0 when there is none. */
static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/*
 * Refuses a store without a database, or with an empty one, in a directory that
 * was in use: the file was lost, or copied without its -wal, and a new database
 * would hide that.  SQLite writes the first page of a database at once, and we
 * write the schema right after, so a database with a page and no schema has
 * lost it.
 */
static int
has_lost(const char *dir, const char *path)
{
	if (size_of(path) > 0 && version_of(dir) == 0) {
		log_error("database is empty but was used before; copy"
			  " parlor.db-wal with it, or restore the last backup;"
			  " if nothing was ever in it, remove it",
		    "path=\"%s\"", path);
		return 1;
	}
	if (size_of(path) == 0 &&
	    (is_there(dir, "ballast") || is_there(dir, "doorbell"))) {
		log_error(
		    "database is missing, though one was used here; restore"
		    " the last backup, or remove ballast and doorbell to"
		    " create a new one",
		    "path=\"%s\"", path);
		return 1;
	}
	return 0;
}

/* Removes a new database that could not be completed. */
static void
remove_begun(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct buf file = BUF_INIT;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		buf_clear(&file);
		buf_addf(&file, "%s%s", path, ends[i]);
		(void)unlink(buf_str(&file));
	}
	buf_done(&file);
}

/* The administrator's remedy for a file that cannot be opened. */
static const char *
advice_on_file(int error)
{
	if (error == EROFS)
		return "file system is mounted read-only; mount it with rw and"
		       " run this again";
	if (result_of_errno(error, DB_FAIL) == DB_FULL)
		return "file cannot be made; free space on the disk and run"
		       " this again";
	return "file cannot be used; check its owner and mode, and those of the"
	       " directory";
}

/*
 * SQLite would make the file without write permission for the group, and makes
 * -wal and -shm with the permissions of the database.
 */
static enum db_rc
make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0) {
		log_error(advice_on_file(errno), "path=\"%s\" error=\"%s\"",
		    path, strerror(errno));
		return DB_FAIL;
	}
	(void)close(fd);
	return DB_OK;
}

/* Under the write lock. */
static enum db_rc
migrate_locked(const char *dir, const char *path, const struct schema *schema)
{
	int is_new = size_of(path) == 0;
	struct space space;
	enum db_rc rc;

	if (has_lost(dir, path))
		return DB_FAIL;
	rc = make_file(path, datadir_file_mode(dir));
	if (rc == DB_OK)
		rc = migrate_file(path, schema);
	if (rc != DB_OK && is_new)
		remove_begun(path);
	if (rc != DB_OK)
		return rc;
	/* Makes the ballast.  On a full disk that is left for later. */
	space_open(&space, dir, 0);
	if (space_look(&space) != DB_OK)
		log_warn("disk is full; the chat can only be read and deleted"
			 " from until there is space",
		    "directory=\"%s\"", dir);
	space_close(&space);
	return DB_OK;
}

static enum db_rc
migrate_in(const char *dir, const struct schema *schema)
{
	struct lock lock;
	struct buf path = BUF_INIT;
	enum db_rc rc = DB_FAIL;

	buf_addf(&path, "%s/parlor.db", dir);
	if (lock_open(&lock, dir) == 0) {
		rc = lock_take(&lock, clock_waits() + LOCK_MS);
		if (rc == DB_BUSY)
			log_error("another program holds the lock file; end it:"
				  " fuser -v names it",
			    "path=\"%s/parlor.lock\"", dir);
	} else {
		log_error(advice_on_file(errno),
		    "path=\"%s/parlor.lock\" error=\"%s\"", dir,
		    strerror(errno));
	}
	if (rc == DB_OK) {
		rc = migrate_locked(dir, buf_str(&path), schema);
		lock_give(&lock);
	}
	lock_close(&lock);
	buf_done(&path);
	return rc == DB_OK ? DB_OK : DB_FAIL;
}

enum db_rc
migrate_run(const char *dir, const struct schema *schema)
{
	mode_t before = umask(0007);
	enum db_rc rc = DB_FAIL;

	if (datadir_make(dir) == 0 && datadir_check_to_make(dir) == DB_OK)
		rc = migrate_in(dir, schema);
	datadir_give(dir);
	(void)umask(before);
	return rc;
}
