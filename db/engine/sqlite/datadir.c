#include "db/engine/sqlite/datadir.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/log.h"

/* Uses a descriptor, because the name may come to mean another file. */
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
		log_warn(
		    "file created by root cannot be given to the owner of the"
		    " data directory; run chown",
		    "path=\"%s\" error=\"%s\"", path, strerror(errno));
	(void)close(fd);
}

/* Changes the owner only of files that the programs make. */
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

/* Gives a file that root has made to the owner of DIR. */
static void
give_new(int fd, const char *dir, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(dir, &st) == 0 && st.st_uid != 0 &&
	    fchown(fd, st.st_uid, st.st_gid) != 0)
		log_warn(
		    "file created by root cannot be given to the owner of the"
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
	if (fd >= 0) {
		give_new(fd, dir, path);
		/* The umask may have cleared bits. */
		(void)fchmod(fd, datadir_file_mode(dir));
	} else if (errno == EEXIST && (flags & O_EXCL) == 0)
		fd = open(path, flags);
	return fd;
}

int
datadir_make(const char *dir)
{
	struct stat st;
	int error;

	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	error = errno;
	if (stat(dir, &st) != 0 && errno == EACCES)
		return 0;
	log_error(
	    "directory cannot be created; create its parent first, and check"
	    " who may write there",
	    "path=\"%s\" error=\"%s\"", dir, strerror(error));
	return -1;
}
