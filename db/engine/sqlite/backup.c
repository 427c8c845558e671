#include "db/engine/sqlite/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/engine/sqlite/connection.h"
#include "db/engine/sqlite/datadir_check.h"
#include "db/engine/sqlite/files.h"
#include "db/engine/sqlite/lock.h"
#include "db/engine/sqlite/wal.h"

enum {
	LOCK_MS = 5000, /* for the write lock */
	READERS_MS = 20, /* for those who read the log; writers wait too */
	AGAIN_MS = 50, /* between two attempts */
	TRIES = 200
};

/* Under the write lock: begins to read a database whose log is empty. */
static enum db_rc
begin(struct db *db, struct wal *wal)
{
	enum db_rc rc = wal_truncate(db, wal, READERS_MS);

	if (rc == DB_OK)
		rc = connection_exec(db, "BEGIN");
	/* The transaction begins with its first read. */
	if (rc == DB_OK && connection_schema(db) < 0)
		rc = connection_failed(db, "begin");
	return rc;
}

/* Gives back the lock, which was taken at SINCE. */
static void
give(struct lock *lock, int64_t since, int64_t *held)
{
	int64_t ms = clock_waits() - since;

	lock_give(lock);
	if (ms > *held)
		*held = ms;
}

/* Moves most of the log first, so that the second step is short. */
static enum db_rc
try(struct db *db, struct wal *wal, struct lock *lock, int64_t *held)
{
	enum db_rc rc = lock_take(lock, clock_waits() + LOCK_MS);
	int64_t since = clock_waits();

	if (rc != DB_OK)
		return rc;
	rc = wal_run(db, wal);
	give(lock, since, held);
	if (rc == DB_OK)
		rc = lock_take(lock, clock_waits() + LOCK_MS);
	if (rc != DB_OK)
		return rc;
	since = clock_waits();
	rc = begin(db, wal);
	give(lock, since, held);
	return rc;
}

static enum db_rc
freeze(struct db *db, struct lock *lock, int64_t *held)
{
	struct wal wal = { .lock = lock };
	enum db_rc rc = DB_BUSY;

	for (int i = 0; rc == DB_BUSY && i < TRIES; i++) {
		if (i > 0)
			(void)poll(NULL, 0, AGAIN_MS);
		rc = try(db, &wal, lock, held);
	}
	if (rc == DB_BUSY)
		log_error("another program holds the database, so nothing was"
			  " copied; if it is another backup, wait for its end",
		    "tries=%d", TRIES);
	else if (rc != DB_OK)
		log_error("database cannot be copied; see `parlor check`",
		    "error=\"%s\"", sqlite3_errmsg(db->sqlite));
	return rc;
}

/*
 * FROM is closed last: closing it releases all locks that this process has on
 * the database.
 */
static enum db_rc
copy(struct db *db, const char *path, int to, int64_t *bytes)
{
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum db_rc rc = DB_FAIL;

	if (from < 0)
		log_error("database cannot be read", "path=\"%s\" error=\"%s\"",
		    path, strerror(errno));
	else if (files_copy(from, to, bytes) == 0)
		rc = DB_OK;
	connection_close(db);
	if (from >= 0)
		(void)close(from);
	return rc;
}

enum db_rc
backup_copy(const char *dir, int to, struct manage_copy *done)
{
	struct buf path = BUF_INIT;
	struct lock lock = { -1, 0 };
	enum db_rc rc = datadir_check(dir);
	struct db *db;

	buf_addf(&path, "%s/parlor.db", dir);
	if (rc == DB_OK && lock_open(&lock, dir) != 0) {
		log_error("lock file cannot be opened; see `parlor check`",
		    "directory=\"%s\" error=\"%s\"", dir, strerror(errno));
		rc = DB_FAIL;
	}
	if (rc == DB_OK)
		rc = connection_open(buf_str(&path), NULL, &db);
	if (rc == DB_OK) {
		done->held_ms = 0;
		rc = freeze(db, &lock, &done->held_ms);
		if (rc == DB_OK)
			rc = copy(db, buf_str(&path), to, &done->bytes);
		else
			connection_close(db);
	}
	lock_close(&lock);
	buf_done(&path);
	return rc;
}

/* A copy that was interrupted does not count. */
static int
is_empty(const char *to, const char *part)
{
	const struct dirent *e;
	DIR *d = opendir(to);
	int others = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		others += strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, part) != 0;
	if (d != NULL)
		(void)closedir(d);
	return d != NULL && others == 0;
}

static const char part[] = "parlor.db.part";

static int
make_directory(const char *to)
{
	if (mkdir(to, 0700) == 0 || is_empty(to, part))
		return 0;
	log_error("a backup goes into a new or empty directory; name another",
	    "path=\"%s\" error=\"%s\"", to, strerror(errno));
	return -1;
}

enum db_rc
backup_make(const char *dir, const char *to, struct manage_copy *copied)
{
	struct buf begun = BUF_INIT, done = BUF_INIT;
	enum db_rc rc = DB_FAIL;
	int fd;

	if (make_directory(to) != 0)
		return DB_FAIL;
	buf_addf(&begun, "%s/%s", to, part);
	buf_addf(&done, "%s/parlor.db", to);
	fd = files_create(buf_str(&begun), 0600);
	if (fd >= 0) {
		rc = backup_copy(dir, fd, copied);
		if (files_close(fd, buf_str(&begun)) != 0)
			rc = DB_FAIL;
	}
	if (rc == DB_OK && files_rename(buf_str(&begun), buf_str(&done)) != 0)
		rc = DB_FAIL;
	if (rc != DB_OK && fd >= 0) {
		(void)unlink(buf_str(&begun));
		(void)rmdir(to);
	}
	buf_done(&begun);
	buf_done(&done);
	return rc;
}
