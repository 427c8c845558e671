#include "db/engine/sqlite/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/datadir.h"
#include "db/rows/rekey.h"
#include "db/engine/sqlite/space.h"
#include "db/engine/sqlite/store.h"

enum { LOCK_MS = 5000 };

/* How to go on when SQLite says RC. */
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
failed(sqlite3 *sqlite, const char *what)
{
	enum db_rc rc = storage_rc(
	    sqlite3_extended_errcode(sqlite), sqlite3_system_errno(sqlite));

	log_error(
	    advice(rc), "at=%s error=\"%s\"", what, sqlite3_errmsg(sqlite));
	(void)sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
	return DB_FAIL;
}

static enum db_rc
run_one(sqlite3 *sqlite, const char *sql)
{
	if (sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL) !=
	    SQLITE_OK)
		return failed(sqlite, "begin");
	if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(sqlite, "statement");
	if (sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return failed(sqlite, "commit");
	return DB_OK;
}

static enum db_rc
run_all(const char *path)
{
	enum db_rc rc = DB_OK;
	sqlite3 *sqlite;
	int number;

	rc = db_connect(path, &sqlite);
	if (rc != DB_OK) {
		log_error(advice(rc), "at=open path=\"%s\"", path);
		return rc;
	}
	number = db_schema(sqlite);
	if (number < 0 || number > store_schema) {
		log_line(LOG_ERROR, datadir_wrong_schema(number),
		    "path=\"%s\" schema=%d ours=%d", path, number,
		    store_schema);
		rc = DB_FAIL;
	}
	for (int i = number; rc == DB_OK && i < store_schema; i++)
		rc = run_one(sqlite, migrations[i]);
	if (rc == DB_OK && rekey_run(sqlite) != DB_OK)
		rc = failed(sqlite, "nicknames");
	/* So that parlor.db is whole by itself, unless somebody reads. */
	if (rc == DB_OK && number < store_schema)
		(void)sqlite3_wal_checkpoint_v2(
		    sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_close(sqlite);
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

static int
schema_of(const char *path)
{
	sqlite3 *sqlite = NULL;
	int number = -1;

	if (sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK) {
		(void)sqlite3_db_config(
		    sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		number = db_schema(sqlite);
	}
	(void)sqlite3_close(sqlite);
	return number;
}

/*
 * A store without a database, or with an empty one, in a place that was used:
 * the file was lost, or copied without its -wal.  To make a new one there
 * would hide that.  SQLite gives a database its first page at once, and ours
 * its schema right after, so one with a page and no schema has lost it.
 */
static int
has_lost(const char *dir, const char *path)
{
	if (size_of(path) > 0 && schema_of(path) == 0) {
		log_error("database is empty, though it was used; copy"
			  " parlor.db-wal with it, or restore the last backup;"
			  " if nothing was ever in it, remove it",
		    "path=\"%s\"", path);
		return 1;
	}
	if (size_of(path) == 0 &&
	    (is_there(dir, "ballast") || is_there(dir, "doorbell"))) {
		log_error("database is missing where one was used; restore the"
			  " last backup, or remove ballast and doorbell for a"
			  " new one",
		    "path=\"%s\"", path);
		return 1;
	}
	return 0;
}

/* What this run has begun and could not finish. */
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

/* How to go on when a file of ours cannot be opened or made. */
static const char *
advice_on_file(int error)
{
	if (error == EROFS)
		return "file system is mounted read-only; mount it with rw and"
		       " run this again";
	if (storage_of_errno(error, DB_FAIL) == DB_FULL)
		return "file cannot be made; free space on the disk and run"
		       " this again";
	return "file cannot be used; check its owner and mode, and those of the"
	       " directory";
}

/*
 * SQLite would make it without the group's right to write, and makes -wal and
 * -shm as the database is.
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
migrate_locked(const char *dir, const char *path)
{
	int is_new = size_of(path) == 0;
	struct space space;
	enum db_rc rc;

	if (has_lost(dir, path))
		return DB_FAIL;
	rc = make_file(path, datadir_file_mode(dir));
	if (rc == DB_OK)
		rc = run_all(path);
	if (rc != DB_OK && is_new)
		remove_begun(path);
	if (rc != DB_OK)
		return rc;
	/* Makes the ballast; on a full disk it is made later. */
	space_open(&space, dir, 0);
	if (space_look(&space) != DB_OK)
		log_warn("disk is full; the chat can only be read and deleted"
			 " from until there is space",
		    "directory=\"%s\"", dir);
	space_close(&space);
	return DB_OK;
}

static enum db_rc
migrate_in(const char *dir)
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
		rc = migrate_locked(dir, buf_str(&path));
		lock_give(&lock);
	}
	lock_close(&lock);
	buf_done(&path);
	return rc == DB_OK ? DB_OK : DB_FAIL;
}

/* It is there, or one above it may not be entered: db/engine/sqlite/datadir.h tells which. */
static int
make_directory(const char *dir)
{
	struct stat st;
	int error;

	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	error = errno;
	if (stat(dir, &st) != 0 && errno == EACCES)
		return 0;
	log_error("directory cannot be made; make the one above it first, and"
		  " check who may write there",
	    "path=\"%s\" error=\"%s\"", dir, strerror(error));
	return -1;
}

enum db_rc
migrate_run(const char *dir)
{
	mode_t before = umask(0007);
	enum db_rc rc = DB_FAIL;

	if (make_directory(dir) == 0 && datadir_check_to_make(dir) == DB_OK)
		rc = migrate_in(dir);
	datadir_give(dir);
	(void)umask(before);
	return rc;
}
