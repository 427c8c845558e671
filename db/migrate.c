#include "db/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/migrations.h"
#include "db/place.h"
#include "db/rekey.h"
#include "db/store.h"

static enum db_rc
failed(sqlite3 *sqlite, const char *what)
{
	log_error("migration failed; the database is as it was before",
	    "at=%s error=\"%s\"", what, sqlite3_errmsg(sqlite));
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

	if (db_connect(path, &sqlite) != DB_OK)
		return DB_FAIL;
	number = db_schema(sqlite);
	if (number < 0 || number > store_schema) {
		log_line(LOG_ERROR, place_wrong_schema(number),
		    "path=\"%s\" schema=%d ours=%d", path, number,
		    store_schema);
		rc = DB_FAIL;
	}
	for (int i = number; rc == DB_OK && i < store_schema; i++)
		rc = run_one(sqlite, migrations[i]);
	if (rc == DB_OK)
		rc = rekey_run(sqlite);
	(void)sqlite3_close(sqlite);
	return rc;
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
		log_error("database cannot be made; check the directory's mode",
		    "path=\"%s\" error=\"%s\"", path, strerror(errno));
		return DB_FAIL;
	}
	(void)close(fd);
	return DB_OK;
}

static enum db_rc
migrate_locked(const char *dir)
{
	mode_t mode = migrate_file_mode(dir);
	struct buf path = BUF_INIT;
	enum db_rc rc = DB_FAIL;
	int fd;

	buf_addf(&path, "%s/parlor.lock", dir);
	fd = open(
	    buf_str(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		log_error("lock file cannot be used; check its owner and mode",
		    "path=\"%s\" error=\"%s\"", buf_str(&path),
		    strerror(errno));
	} else {
		buf_clear(&path);
		buf_addf(&path, "%s/parlor.db", dir);
		rc = make_file(buf_str(&path), mode);
		if (rc == DB_OK)
			rc = run_all(buf_str(&path));
	}
	if (fd >= 0)
		(void)close(fd);
	buf_done(&path);
	return rc;
}

mode_t
migrate_file_mode(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && (st.st_mode & S_IWGRP) != 0 ? 0660 : 0600;
}

/* It is there, or one above it may not be entered: db/place.h tells which. */
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

	if (make_directory(dir) == 0 && place_check_to_make(dir) == DB_OK)
		rc = migrate_locked(dir);
	place_give(dir);
	(void)umask(before);
	return rc;
}
