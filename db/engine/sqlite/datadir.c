#include "db/engine/sqlite/datadir.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sqlite3.h>
#include <unistd.h>

#include "db/engine/migrations.h"
#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/engine/sqlite/store.h"

static const char database[] = "parlor.db";

static const char *const files[] = { database, "parlor.db-wal", "parlor.db-shm",
	"parlor.lock" };

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

struct look {
	const char *dir;
	int to_make; /* a missing store is no finding */
	datadir_fn fn;
	void *arg;
	int n;
};

static void find(struct look *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
find(struct look *l, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	l->fn(line, l->arg);
	l->n++;
}

/* The name of user ID, else its number. */
static void
add_user(struct buf *b, uid_t id)
{
	const struct passwd *p = getpwuid(id);

	if (p != NULL)
		buf_adds(b, p->pw_name);
	else
		buf_addf(b, "%u", (unsigned)id);
}

static void
find_denied(struct look *l, const char *path, const struct stat *st, int mode)
{
	struct buf we = BUF_INIT, owner = BUF_INIT;

	add_user(&we, geteuid());
	add_user(&owner, st->st_uid);
	if (st->st_uid == geteuid())
		find(l,
		    "user %s may not read and write %s, which is of mode %03o;"
		    " run chmod u+rw%s %s",
		    buf_str(&we), path, st->st_mode & 0777U,
		    (mode & X_OK) != 0 ? "x" : "", path);
	else
		find(l,
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

/* 0: the rest can be looked at. */
static int
look_at_directory(struct look *l)
{
	struct stat st;
	int before = l->n;

	if (stat(l->dir, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			find(l,
			    "%s is no directory: a file is there; move it away"
			    " or set data to a directory",
			    l->dir);
		else if (denied(l->dir, R_OK | W_OK | X_OK))
			find_denied(l, l->dir, &st, X_OK);
	} else if (errno == ENOENT)
		find(l,
		    "%s is no directory: nothing is there; for a new store run"
		    " parlor --data %s migrate, else correct the setting data",
		    l->dir, l->dir);
	else if (errno == EACCES) {
		struct buf we = BUF_INIT;

		add_user(&we, geteuid());
		find(l,
		    "user %s may not enter a directory above %s; run this as"
		    " the user that the services run as, or let %s enter"
		    " (chmod)",
		    buf_str(&we), l->dir, buf_str(&we));
		buf_done(&we);
	} else
		find(l, "%s is no directory: %s; correct the setting data",
		    l->dir, strerror(errno));
	return l->n - before;
}

/* SQLite's own words about that name no file. */
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
		find(l,
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
			find(l,
			    "there is no database in %s; for a new store run"
			    " parlor --data %s migrate, else correct the"
			    " setting data or restore the last backup",
			    l->dir, l->dir);
	} else if (!S_ISREG(st.st_mode))
		find(l, "%s is no file but %s; move it away", buf_str(&path),
		    S_ISDIR(st.st_mode)     ? "a directory" :
			S_ISLNK(st.st_mode) ? "a symbolic link" :
					      "something else");
	else if (denied(buf_str(&path), R_OK | W_OK))
		find_denied(l, buf_str(&path), &st, 0);
	else if (name == database)
		look_inside(l, buf_str(&path));
	buf_done(&path);
}

static int
look(struct look *l)
{
	if (look_at_directory(l) == 0)
		for (size_t i = 0; i < N_FILES; i++)
			look_at_file(l, files[i]);
	return l->n;
}

int
datadir_look(const char *dir, datadir_fn fn, void *arg)
{
	struct look l = { .dir = dir, .fn = fn, .arg = arg };

	return look(&l);
}

static void
log_finding(const char *finding, void *arg)
{
	(void)arg;
	log_error("data directory cannot be used", "why=\"%s\"", finding);
}

enum db_rc
datadir_check(const char *dir)
{
	struct look l = { .dir = dir, .fn = log_finding };

	return look(&l) == 0 ? DB_OK : DB_FAIL;
}

enum db_rc
datadir_check_to_make(const char *dir)
{
	struct look l = { .dir = dir, .to_make = 1, .fn = log_finding };

	return look(&l) == 0 ? DB_OK : DB_FAIL;
}

/* Through a descriptor: another may stand under that name in a moment. */
static void
give(const char *path, const struct stat *dir)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == 0 && st.st_nlink == 1 &&
	    (S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode)) &&
	    fchownat(fd, "", dir->st_uid, dir->st_gid, AT_EMPTY_PATH) != 0)
		log_warn("file of root cannot be given to the owner of the"
			 " data directory; run chown",
		    "path=\"%s\" error=\"%s\"", path, strerror(errno));
	(void)close(fd);
}

/* What the programs make there; anything else of root's is none of ours. */
static int
is_ours(const char *name)
{
	static const char *const begins[] = { "parlor.db", "parlor.lock",
		"doorbell", "delivered-", "ballast", "served" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return 1;
	return 0;
}

void
datadir_give(const char *dir)
{
	struct buf path = BUF_INIT;
	const struct dirent *e;
	struct stat st;
	DIR *d;

	if (geteuid() != 0 || stat(dir, &st) != 0 || st.st_uid == 0)
		return;
	d = opendir(dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (!is_ours(e->d_name))
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/%s", dir, e->d_name);
		give(buf_str(&path), &st);
	}
	if (d != NULL)
		(void)closedir(d);
	buf_done(&path);
}

mode_t
datadir_file_mode(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && (st.st_mode & S_IWGRP) != 0 ? 0660 : 0600;
}

/* To the owner of DIR, when root has made it there. */
static void
give_new(int fd, const char *dir, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(dir, &st) == 0 && st.st_uid != 0 &&
	    fchown(fd, st.st_uid, st.st_gid) != 0)
		log_warn("file of root cannot be given to the owner of the"
			 " data directory; run chown",
		    "path=\"%s\" error=\"%s\"", path, strerror(errno));
}

int
datadir_open(const char *dir, const char *path, int flags)
{
	int fd = -1;

	flags |= O_CLOEXEC | O_NOFOLLOW;
	if ((flags & O_EXCL) == 0) {
		fd = open(path, flags);
		if (fd >= 0 || errno != ENOENT)
			return fd;
	}
	fd = open(path, flags | O_CREAT | O_EXCL, datadir_file_mode(dir));
	if (fd >= 0)
		give_new(fd, dir, path);
	else if (errno == EEXIST && (flags & O_EXCL) == 0)
		fd = open(path, flags);
	return fd;
}

int
datadir_schema(const char *dir)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite = NULL;
	int number = -1;

	buf_addf(&path, "%s/%s", dir, database);
	if (sqlite3_open_v2(buf_str(&path), &sqlite, SQLITE_OPEN_READONLY,
		NULL) == SQLITE_OK) {
		(void)sqlite3_busy_timeout(sqlite, DB_BUSY_MS);
		(void)sqlite3_db_config(
		    sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		number = db_schema(sqlite);
	}
	(void)sqlite3_close(sqlite);
	buf_done(&path);
	return number;
}

const char *
datadir_wrong_schema(int number)
{
	if (number < 0)
		return "the database cannot be read; see parlor check";
	if (number == 0)
		return "the database is empty: if it was copied, copy"
		       " parlor.db-wal with it, or restore the last backup; for"
		       " a new chat run parlor migrate";
	if (number > store_schema)
		return "this database was made by a newer Parlor; install that"
		       " version";
	if (number < store_schema)
		return "this database was made by an older Parlor; run parlor"
		       " migrate";
	return NULL;
}
