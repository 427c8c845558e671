#include "db/engine/sqlite/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/datadir.h"
#include "db/engine/sqlite/datadir_check.h"
#include "db/engine/sqlite/files.h"
#include "db/engine/sqlite/lock.h"
#include "db/engine/sqlite/migrate.h"
#include "db/engine/sqlite/programs.h"
#include "db/engine/sqlite/stmt.h"
#include "db/engine/sqlite/version.h"

enum { LOCK_MS = 5000 };

/* Paths without the ends of SQLite's other files. */
struct restoring {
	const char *dir;
	const struct schema *schema;
	struct buf from, now, beside;
};

static const char *const ends[] = { "", "-wal", "-shm" };
enum { DATABASE, LOG, N_COPIED, N_ENDS = sizeof(ends) / sizeof(ends[0]) };

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void
remove_from(const struct buf *path, int first)
{
	struct buf file = BUF_INIT;

	for (int i = first; i < N_ENDS; i++) {
		buf_clear(&file);
		buf_addf(&file, "%s%s", buf_str(path), ends[i]);
		(void)unlink(buf_str(&file));
	}
	buf_done(&file);
}

static void
log_finding(const char *finding, void *arg)
{
	(void)arg;
	log_error("backup was not restored", "why=\"%s\"", finding);
}

static enum db_rc
nobody_uses(struct restoring *r)
{
	struct findings f = { .fn = log_finding };

	return programs_find(buf_str(&r->now), &f) == 0 ? DB_OK : DB_BUSY;
}

static enum db_rc
copy_one(struct restoring *r, const char *end)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	enum db_rc rc = DB_FAIL;
	int64_t bytes;
	int in, out = -1;

	buf_addf(&from, "%s%s", buf_str(&r->from), end);
	buf_addf(&to, "%s%s", buf_str(&r->beside), end);
	in = open(buf_str(&from), O_RDONLY | O_CLOEXEC);
	if (in >= 0)
		out = datadir_open(r->dir, buf_str(&to), O_WRONLY | O_EXCL);
	if (out < 0)
		log_error("backup cannot be copied",
		    "from=\"%s\" to=\"%s\" error=\"%s\"", buf_str(&from),
		    buf_str(&to), strerror(errno));
	else if (files_copy(in, out, &bytes) == 0)
		rc = DB_OK;
	if (out >= 0 && files_close(out, buf_str(&to)) != 0)
		rc = DB_FAIL;
	if (in >= 0)
		(void)close(in);
	buf_done(&from);
	buf_done(&to);
	return rc;
}

static enum db_rc
copy(struct restoring *r)
{
	struct buf log = BUF_INIT;
	enum db_rc rc;

	remove_from(&r->beside, DATABASE);
	rc = copy_one(r, ends[DATABASE]);
	buf_addf(&log, "%s%s", buf_str(&r->from), ends[LOG]);
	if (rc == DB_OK && size_of(buf_str(&log)) > 0)
		rc = copy_one(r, ends[LOG]);
	buf_done(&log);
	return rc;
}

/* DB_OK: it is a database of this program or an older one, and sound. */
static enum db_rc
look(struct restoring *r)
{
	sqlite3_stmt *s = NULL;
	enum db_rc rc = DB_FAIL;
	struct db *db;
	int number;

	if (connection_open(buf_str(&r->beside), r->schema, &db) != DB_OK)
		return DB_FAIL;
	number = connection_schema(db);
	if (number <= 0 || number > store_schema)
		log_line(LOG_ERROR, version_wrong(number),
		    "path=\"%s\" schema=%d ours=%d", buf_str(&r->from), number,
		    store_schema);
	else if (sqlite3_prepare_v2(db->sqlite, "PRAGMA quick_check(1)", -1, &s,
		     NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW ||
	    strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0)
		log_error("backup is damaged; take another",
		    "path=\"%s\" error=\"%s\"", buf_str(&r->from),
		    sqlite3_errmsg(db->sqlite));
	else
		rc = DB_OK;
	(void)sqlite3_finalize(s);
	connection_close(db);
	return rc;
}

/* Nobody else knows the file yet, so no lock is needed. */
static enum db_rc
renew(struct restoring *r)
{
	struct db *db;
	enum db_rc rc = connection_open(buf_str(&r->beside), r->schema, &db);

	if (rc != DB_OK)
		return rc;
	stmt_open_all(db);
	rc = connection_exec(db, "BEGIN IMMEDIATE");
	db->writing = 1;
	if (rc == DB_OK)
		rc = r->schema->restored(db);
	db->writing = 0;
	stmt_close_all(db);
	if (rc == DB_OK)
		rc = connection_exec(db, "COMMIT");
	if (rc == DB_OK &&
	    sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
		SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		rc = connection_failed(db, "checkpoint");
	connection_close(db);
	return rc;
}

/* Names under which the database from before is kept, with its log. */
static enum db_rc
move_away(struct restoring *r, struct buf *kept)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	enum db_rc rc = DB_OK;

	buf_addf(kept, "%s.before-", buf_str(&r->now));
	clock_add_rfc3339(kept, clock_wall());
	for (int i = DATABASE; rc == DB_OK && i < N_COPIED; i++) {
		buf_clear(&from);
		buf_clear(&to);
		buf_addf(&from, "%s%s", buf_str(&r->now), ends[i]);
		buf_addf(&to, "%s%s", buf_str(kept), ends[i]);
		if (size_of(buf_str(&from)) >= 0 &&
		    files_rename(buf_str(&from), buf_str(&to)) != 0)
			rc = DB_FAIL;
	}
	buf_done(&from);
	buf_done(&to);
	return rc;
}

/* After a failure: gives the database from before its names again. */
static void
put_back(struct restoring *r, struct buf *kept)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	int rc = 0;

	for (int i = DATABASE; rc == 0 && i < N_COPIED; i++) {
		buf_clear(&from);
		buf_clear(&to);
		buf_addf(&from, "%s%s", buf_str(kept), ends[i]);
		buf_addf(&to, "%s%s", buf_str(&r->now), ends[i]);
		if (size_of(buf_str(&from)) >= 0)
			rc = files_rename(buf_str(&from), buf_str(&to));
	}
	if (rc != 0)
		log_error("database from before has another name now; rename"
			  " it, and the log beside it",
		    "from=\"%s\" to=\"%s\"", buf_str(kept), buf_str(&r->now));
	buf_clear(kept);
	buf_done(&from);
	buf_done(&to);
}

/*
 * Under the write lock.  The old log is away before the new database is there:
 * SQLite would apply it.
 */
static enum db_rc
exchange(struct restoring *r, struct buf *kept)
{
	int had_one = size_of(buf_str(&r->now)) >= 0;
	enum db_rc rc = nobody_uses(r);

	if (rc != DB_OK)
		return rc;
	if (had_one)
		rc = move_away(r, kept);
	if (rc == DB_OK) {
		remove_from(&r->now, LOG);
		if (files_rename(buf_str(&r->beside), buf_str(&r->now)) != 0)
			rc = DB_FAIL;
	}
	if (rc != DB_OK && had_one)
		put_back(r, kept);
	return rc;
}

static enum db_rc
exchange_locked(struct restoring *r, struct buf *kept)
{
	struct lock lock = { -1, 0 };
	enum db_rc rc = DB_FAIL;

	if (lock_open(&lock, r->dir) != 0)
		log_error("lock file cannot be opened; check its owner and"
			  " mode",
		    "directory=\"%s\" error=\"%s\"", r->dir, strerror(errno));
	else
		rc = lock_take(&lock, clock_waits() + LOCK_MS);
	if (rc == DB_BUSY)
		log_error("another program holds the lock file; end it: fuser"
			  " -v names it",
		    "path=\"%s/parlor.lock\"", r->dir);
	if (rc == DB_OK) {
		rc = exchange(r, kept);
		lock_give(&lock);
	}
	lock_close(&lock);
	return rc;
}

static enum db_rc
run(struct restoring *r, struct buf *kept)
{
	enum db_rc rc = nobody_uses(r);

	if (rc == DB_OK)
		rc = copy(r);
	if (rc == DB_OK)
		rc = look(r);
	if (rc == DB_OK)
		rc = migrate_file(buf_str(&r->beside), r->schema);
	if (rc == DB_OK)
		rc = renew(r);
	if (rc == DB_OK) {
		remove_from(&r->beside, LOG);
		rc = exchange_locked(r, kept);
	}
	if (rc != DB_OK)
		remove_from(&r->beside, DATABASE);
	return rc;
}

/* The database file of FROM, a file or a directory. */
static void
find(struct restoring *r, const char *from)
{
	struct stat st;

	buf_adds(&r->from, from);
	if (stat(from, &st) == 0 && S_ISDIR(st.st_mode))
		buf_adds(&r->from, "/parlor.db");
}

enum db_rc
restore_run(const char *dir, const struct schema *schema, const char *from,
    struct buf *kept)
{
	struct restoring r = { .dir = dir, .schema = schema };
	mode_t before = umask(0007);
	enum db_rc rc = DB_FAIL;

	find(&r, from);
	buf_addf(&r.now, "%s/parlor.db", dir);
	buf_addf(&r.beside, "%s/parlor.db.restoring", dir);
	if (datadir_make(dir) == 0 && datadir_check_directory(dir) == DB_OK)
		rc = run(&r, kept);
	datadir_give(dir);
	(void)umask(before);
	buf_done(&r.from);
	buf_done(&r.now);
	buf_done(&r.beside);
	return rc;
}
