#include "db/engine/sqlite/space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <unistd.h>

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/datadir.h"
#include "db/engine/sqlite/stmt.h"

enum {
	RESERVE_PART = 8, /* of a small disk, and of a small limit */
	LOW_PART = 4, /* of the reserve: less free space is too little */
	INSIDE_PAGES = 64, /* free in the database: enough to go on with */
	LIMIT_PAGES = 16 /* fewer left under the limit count as none */
};

enum { PAGES, FREE_PAGES, PAGE_SIZE, N_SQL };
static const char *const sql[N_SQL] = {
	[PAGES] = "PRAGMA page_count",
	[FREE_PAGES] = "PRAGMA freelist_count",
	[PAGE_SIZE] = "PRAGMA page_size",
};
const struct sql space_sql = { SQL_SPACE, sql, N_SQL };

static int64_t
at_most(int64_t n, int64_t most)
{
	return n < most ? n : most;
}

void
space_open(struct space *s, const char *dir, int64_t max)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/ballast", dir);
	s->dir = must_copy(dir);
	s->ballast = must_copy(buf_str(&path));
	s->max = max;
	buf_done(&path);
}

void
space_close(struct space *s)
{
	free(s->dir);
	free(s->ballast);
}

int
space_disk(const char *dir, struct space_disk *disk)
{
	struct statvfs fs;
	fsblkcnt_t blocks;

	if (statvfs(dir, &fs) != 0)
		return -1;
	/* Some file systems keep their last blocks for root. */
	blocks = geteuid() == 0 ? fs.f_bfree : fs.f_bavail;
	disk->free =
	    at_most((int64_t)blocks, INT64_MAX / (int64_t)fs.f_frsize) *
	    (int64_t)fs.f_frsize;
	disk->reserve = at_most((int64_t)fs.f_blocks / RESERVE_PART,
			    BALLAST_MAX / (int64_t)fs.f_frsize) *
	    (int64_t)fs.f_frsize;
	disk->low = disk->reserve / LOW_PART;
	disk->read_only = (fs.f_flag & ST_RDONLY) != 0;
	return 0;
}

/* Writes random bytes, because a file system may compress others. */
static int
fill(int fd, int64_t size)
{
	enum { PIECE = 65536 };
	char *piece = must_alloc(PIECE);
	int rc = 0;

	for (int64_t done = 0; rc == 0 && done < size;) {
		ssize_t n;

		randombytes_buf(piece, PIECE);
		n = write(fd, piece, (size_t)at_most(size - done, PIECE));
		if (n > 0)
			done += n;
		else if (n == 0 || errno != EINTR)
			rc = -1;
	}
	free(piece);
	return rc == 0 ? fdatasync(fd) : -1;
}

/*
 * Makes the ballast if there is space to spare beside it.  0, or -1 with errno
 * and no ballast left behind.
 */
static int
make(const struct space *s, const struct space_disk *disk)
{
	int rc, error;
	int fd = datadir_open(s->dir, s->ballast, O_WRONLY | O_EXCL);

	if (fd < 0)
		return -1;
	rc = fill(fd, disk->reserve + 2 * disk->low);
	if (rc == 0)
		rc = ftruncate(fd, disk->reserve);
	error = errno;
	(void)close(fd);
	if (rc != 0)
		(void)unlink(s->ballast);
	errno = error;
	return rc;
}

/* Whether an error means a full disk rather than a missing permission. */
static int
means_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

enum db_rc
space_look(struct space *s)
{
	struct space_disk disk;

	/* If the file system does not say, SQLite will find out. */
	if (space_disk(s->dir, &disk) != 0 || disk.reserve == 0)
		return DB_OK;
	if (space_has_ballast(s)) {
		if (disk.free >= disk.low)
			return DB_OK;
		(void)unlink(s->ballast);
		return DB_FULL;
	}
	if (disk.free < disk.reserve + 2 * disk.low)
		return DB_FULL;
	return make(s, &disk) == 0 || !means_full(errno) ? DB_OK : DB_FULL;
}

int
space_has_ballast(const struct space *s)
{
	return access(s->ballast, F_OK) == 0;
}

void
space_met_end(struct space *s)
{
	struct space_disk disk;

	if (s->max > 0 && space_disk(s->dir, &disk) == 0 &&
	    disk.free >= disk.low)
		return;
	(void)unlink(s->ballast);
}

static enum db_rc
ask(struct db *db, int what, int64_t *n)
{
	return stmt_one(db, &space_sql, what, NO_ARGS, n);
}

/* Sets the number of pages that SQLite may use. */
static enum db_rc
set_limit(struct db *db, int64_t pages)
{
	char pragma[64];

	if (db->limit == pages)
		return DB_OK;
	(void)snprintf(
	    pragma, sizeof(pragma), "PRAGMA max_page_count = %" PRId64, pages);
	db->limit = pages;
	return connection_exec(db, pragma);
}

/* The pages, of MOST, that are kept for writes that free space. */
static int64_t
reserve_of(int64_t most, int64_t size)
{
	return at_most(most / RESERVE_PART, BALLAST_MAX / size);
}

int
space_under(int64_t max, int64_t size, int64_t used)
{
	int64_t most = max / size;

	return most - reserve_of(most, size) - used >= LIMIT_PAGES;
}

enum db_rc
space_limit(struct db *db, const struct space *s, int freeing)
{
	int64_t pages, unused, size, most;
	enum db_rc rc;

	if (s->max == 0)
		return DB_OK;
	rc = ask(db, PAGES, &pages);
	if (rc == DB_OK)
		rc = ask(db, FREE_PAGES, &unused);
	if (rc == DB_OK)
		rc = ask(db, PAGE_SIZE, &size);
	if (rc != DB_OK)
		return rc;
	most = s->max / size;
	rc = set_limit(db, freeing ? most : most - reserve_of(most, size));
	if (rc != DB_OK || freeing)
		return rc;
	return space_under(s->max, size, pages - unused) ? DB_OK : DB_FULL;
}

int
space_inside(struct db *db, const struct space *s)
{
	struct space_disk disk;
	int64_t unused;

	return ask(db, FREE_PAGES, &unused) == DB_OK &&
	    unused >= INSIDE_PAGES && space_disk(s->dir, &disk) == 0 &&
	    disk.free >= disk.reserve / 2 + disk.low;
}
