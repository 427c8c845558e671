#include "db/engine/sqlite/check_storage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/engine/sqlite/connection.h"
#include "db/engine/sqlite/lock.h"
#include "db/engine/sqlite/space.h"

enum { WAIT_MS = 1000, KILOBYTE = 1024, MEGABYTE = 1048576 };
enum { PAGE = 4096, LOG_TIMES = 8 };

struct look {
	const char *dir;
	int64_t max;
	int64_t wal_pages;
	struct findings *findings;
};

static int
has(const struct look *l, const char *name)
{
	struct buf path = BUF_INIT;
	int there;

	buf_addf(&path, "%s/%s", l->dir, name);
	there = access(buf_str(&path), F_OK) == 0;
	buf_done(&path);
	return there;
}

static void
look_at_disk(struct look *l)
{
	struct space_disk disk;
	int64_t needed;

	if (space_disk(l->dir, &disk) != 0)
		return;
	if (disk.read_only) {
		findings_add(l->findings,
		    "the file system of %s is mounted read-only, so the chat"
		    " can only be read; mount it with rw",
		    l->dir);
		return;
	}
	needed = has(l, "ballast") ? disk.low : disk.reserve + 2 * disk.low;
	if (disk.free < needed)
		findings_add(l->findings,
		    "the disk of %s is full: the chat can only be read and"
		    " deleted from; free %" PRId64 " KB",
		    l->dir, (needed - disk.free) / KILOBYTE + 1);
}

/* A log that is long, though it is moved into the database at WAL_PAGES. */
static void
look_at_log(struct look *l)
{
	struct buf path = BUF_INIT;
	struct stat st;

	buf_addf(&path, "%s/parlor.db-wal", l->dir);
	if (stat(buf_str(&path), &st) == 0 &&
	    st.st_size > l->wal_pages * PAGE * LOG_TIMES)
		findings_add(l->findings,
		    "the write-ahead log is %" PRId64
		    " MB long, because a program has been reading for long:"
		    " fuser -v %s names those that have it open; end the"
		    " reader, or restart the services",
		    (int64_t)st.st_size / MEGABYTE, buf_str(&path));
	buf_done(&path);
}

static int64_t
number(sqlite3 *sqlite, const char *pragma)
{
	sqlite3_stmt *s;
	int64_t n = 0;

	if (sqlite3_prepare_v2(sqlite, pragma, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return n;
}

static void
look_at_limit(struct look *l, sqlite3 *sqlite)
{
	int64_t size = number(sqlite, "PRAGMA page_size"),
		used = number(sqlite, "PRAGMA page_count") -
	    number(sqlite, "PRAGMA freelist_count");

	if (l->max > 0 && size > 0 && !space_under(l->max, size, used))
		findings_add(l->findings,
		    "the database has reached storage_max (%" PRId64
		    " bytes): the chat can only be read and deleted from;"
		    " delete rooms or raise it",
		    l->max);
}

/* Begins a write and takes it back. */
static void
look_at_database(struct look *l, sqlite3 *sqlite)
{
	int rc;

	/*
	 * Opening would create these files, owned by the user who runs the
	 * check.
	 */
	if (!has(l, "parlor.db-wal") || !has(l, "parlor.db-shm"))
		return;
	rc = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc == SQLITE_BUSY)
		findings_add(l->findings,
		    "another program holds the database, so the chat can only"
		    " be read; end it: fuser -v %s/parlor.db names it",
		    l->dir);
	(void)sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
}

static void
look_inside(struct look *l)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite = NULL;

	buf_addf(&path, "%s/parlor.db", l->dir);
	if (sqlite3_open_v2(buf_str(&path), &sqlite, SQLITE_OPEN_READWRITE,
		NULL) == SQLITE_OK) {
		(void)sqlite3_busy_timeout(sqlite, WAIT_MS);
		(void)sqlite3_db_config(
		    sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		look_at_limit(l, sqlite);
		look_at_database(l, sqlite);
	}
	(void)sqlite3_close(sqlite);
	buf_done(&path);
}

int
check_storage(const struct store_options *o, findings_fn fn, void *arg)
{
	struct findings f = { fn, arg, 0 };
	struct look l = { o->dir, o->storage_max, o->wal_pages, &f };
	struct lock lock = { -1, 0 };
	enum db_rc rc;

	look_at_disk(&l);
	look_at_log(&l);
	/* check_run reports these files if they are missing. */
	if (!has(&l, "parlor.db") || !has(&l, "parlor.lock") ||
	    lock_open(&lock, o->dir) != 0)
		return f.n;
	rc = lock_take(&lock, clock_waits() + WAIT_MS);
	if (rc == DB_BUSY)
		findings_add(&f,
		    "another program holds %s/parlor.lock, so the chat can"
		    " only be read; end it: fuser -v names it",
		    o->dir);
	if (rc == DB_OK) {
		look_inside(&l);
		lock_give(&lock);
	}
	lock_close(&lock);
	return f.n;
}
