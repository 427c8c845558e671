#include "db/engine/sqlite/datadir_check.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/base/account.h"
#include "db/base/buf.h"
#include "db/base/log.h"

static const char database[] = "parlor.db";

static const char *const files[] = { database, "parlor.db-wal", "parlor.db-shm",
	"parlor.lock" };

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

struct look {
	const char *dir;
	int to_make; /* a missing store is no finding */
	struct findings *findings;
};

static void
find_denied(struct look *l, const char *path, const struct stat *st, int mode)
{
	struct buf we = BUF_INIT, owner = BUF_INIT;

	account_add_name(&we, geteuid());
	account_add_name(&owner, st->st_uid);
	if (st->st_uid == geteuid())
		findings_add(l->findings,
		    "user %s may not read and write %s, which is of mode %03o;"
		    " run chmod u+rw%s %s",
		    buf_str(&we), path, st->st_mode & 0777U,
		    (mode & X_OK) != 0 ? "x" : "", path);
	else
		findings_add(l->findings,
		    "user %s may not read and write %s, which belongs to user"
		    " %s (mode %03o); run this as that user (runuser -u %s --"
		    " ...), or give the directory and its files to %s (chown"
		    " -R)",
		    buf_str(&we), path, buf_str(&owner), st->st_mode & 0777U,
		    buf_str(&owner), buf_str(&we));
	buf_done(&we);
	buf_done(&owner);
}

static int
denied(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 &&
	    errno == EACCES;
}

/* 0: nothing is wrong, so the files can be checked. */
static int
look_at_directory(struct look *l)
{
	struct stat st;
	int before = l->findings->n;

	if (stat(l->dir, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			findings_add(l->findings,
			    "%s is no directory: a file is there; move it away"
			    " or set data to a directory",
			    l->dir);
		else if (denied(l->dir, R_OK | W_OK | X_OK))
			find_denied(l, l->dir, &st, X_OK);
	} else if (errno == ENOENT)
		findings_add(l->findings,
		    "%s is no directory: nothing is there; for a new store run"
		    " parlor --data %s migrate, else correct the setting data",
		    l->dir, l->dir);
	else if (errno == EACCES) {
		struct buf we = BUF_INIT;

		account_add_name(&we, geteuid());
		findings_add(l->findings,
		    "user %s may not enter a directory above %s; run this as"
		    " the user that the services run as, or let %s enter"
		    " (chmod)",
		    buf_str(&we), l->dir, buf_str(&we));
		buf_done(&we);
	} else
		findings_add(l->findings,
		    "%s is no directory: %s; correct the setting data", l->dir,
		    strerror(errno));
	return l->findings->n - before;
}

/* SQLite's own error for this does not name the file. */
static void
look_inside(struct look *l, const char *path)
{
	static const char magic[16] = "SQLite format 3";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char start[sizeof(magic)];
	ssize_t n = fd >= 0 ? read(fd, start, sizeof(start)) : 0;

	if (fd >= 0)
		(void)close(fd);
	if (n > 0 &&
	    ((size_t)n < sizeof(magic) ||
		memcmp(start, magic, sizeof(magic)) != 0))
		findings_add(l->findings,
		    "%s is not a database; stop all programs and restore the"
		    " last backup",
		    path);
}

static void
look_at_file(struct look *l, const char *name)
{
	struct buf path = BUF_INIT;
	struct stat st;

	buf_addf(&path, "%s/%s", l->dir, name);
	if (lstat(buf_str(&path), &st) != 0) {
		if (name == database && !l->to_make)
			findings_add(l->findings,
			    "there is no database in %s; for a new store run"
			    " parlor --data %s migrate, else correct the"
			    " setting data or restore the last backup",
			    l->dir, l->dir);
	} else if (!S_ISREG(st.st_mode))
		findings_add(l->findings, "%s is no file but %s; move it away",
		    buf_str(&path),
		    S_ISDIR(st.st_mode)     ? "a directory" :
			S_ISLNK(st.st_mode) ? "a symbolic link" :
					      "something else");
	else if (denied(buf_str(&path), R_OK | W_OK))
		find_denied(l, buf_str(&path), &st, 0);
	else if (name == database)
		look_inside(l, buf_str(&path));
	buf_done(&path);
}

static void
look(struct look *l)
{
	if (look_at_directory(l) == 0)
		for (size_t i = 0; i < N_FILES; i++)
			look_at_file(l, files[i]);
}

int
datadir_check_find(const char *dir, struct findings *f)
{
	struct look l = { .dir = dir, .findings = f };
	int before = f->n;

	look(&l);
	return f->n - before;
}

static void
log_finding(const char *finding, void *arg)
{
	(void)arg;
	log_error("data directory cannot be used", "why=\"%s\"", finding);
}

static enum db_rc
look_and_log(const char *dir, int to_make)
{
	struct findings f = { .fn = log_finding };
	struct look l = { dir, to_make, &f };

	look(&l);
	return f.n == 0 ? DB_OK : DB_FAIL;
}

enum db_rc
datadir_check_directory(const char *dir)
{
	struct findings f = { .fn = log_finding };
	struct look l = { dir, 1, &f };

	return look_at_directory(&l) == 0 ? DB_OK : DB_FAIL;
}

enum db_rc
datadir_check(const char *dir)
{
	return look_and_log(dir, 0);
}

enum db_rc
datadir_check_to_make(const char *dir)
{
	return look_and_log(dir, 1);
}
