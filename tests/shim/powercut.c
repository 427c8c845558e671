/*
 * powercut: preloaded into a program, keeps what a power cut would leave.
 *
 * Into the directory that POWERCUT names it copies the database and its
 * write-ahead log, but of each file only what has been synced.  A test kills
 * the program, and puts these copies in place of the files.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 8, PATH_SIZE = 4096, PIECE = 65536 };

/* Bytes that were written, or with LEN -1 the end of the file. */
struct change {
	off_t at, len;
};

struct file {
	dev_t device;
	ino_t inode;
	int copy; /* -1: not of the store */
	struct change *changes; /* since the last sync, in their order */
	size_t n, room;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct file files[FILES_MAX];
static size_t n_files;

static void *
next(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (fn == NULL)
		abort();
	return fn;
}

static ssize_t
write_below(int fd, const void *p, size_t n, off_t at)
{
	static ssize_t (*fn)(int, const void *, size_t, off_t);

	if (fn == NULL)
		*(void **)&fn = next("pwrite64");
	return fn(fd, p, n, at);
}

static int
truncate_below(int fd, off_t size)
{
	static int (*fn)(int, off_t);

	if (fn == NULL)
		*(void **)&fn = next("ftruncate64");
	return fn(fd, size);
}

/* The copy of the file that FD has open; -1: it is not of the store. */
static int
open_copy(int fd)
{
	char name[64], path[PATH_SIZE], copy[2 * PATH_SIZE];
	const char *dir = getenv("POWERCUT"), *base;
	ssize_t n;
	int to;

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof(path) - 1);
	if (n < 0 || dir == NULL)
		abort();
	path[n] = '\0';
	base = strrchr(path, '/');
	if (base == NULL ||
	    (strcmp(base, "/parlor.db") != 0 &&
		strcmp(base, "/parlor.db-wal") != 0))
		return -1;
	(void)snprintf(copy, sizeof(copy), "%s%s", dir, base);
	to = open(copy, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (to < 0)
		abort();
	return to;
}

/* Under the mutex: what is known of FD's file; NULL: it is not of the store. */
static struct file *
file_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	for (size_t i = 0; i < n_files; i++)
		if (files[i].device == st.st_dev && files[i].inode == st.st_ino)
			return files[i].copy >= 0 ? &files[i] : NULL;
	if (n_files == FILES_MAX)
		abort();
	files[n_files] = (struct file){
		.device = st.st_dev, .inode = st.st_ino, .copy = open_copy(fd)
	};
	n_files++;
	return files[n_files - 1].copy >= 0 ? &files[n_files - 1] : NULL;
}

static void
note(int fd, off_t at, off_t len)
{
	struct file *f = file_of(fd);

	if (f == NULL)
		return;
	if (f->n == f->room) {
		f->room = f->room > 0 ? 2 * f->room : 1024;
		f->changes = realloc(f->changes, f->room * sizeof(*f->changes));
		if (f->changes == NULL)
			abort();
	}
	f->changes[f->n++] = (struct change){ at, len };
}

static void
copy_bytes(int from, int to, struct change c)
{
	static char piece[PIECE];

	while (c.len > 0) {
		size_t want = c.len < PIECE ? (size_t)c.len : PIECE;
		ssize_t n = pread(from, piece, want, c.at);

		/* It was truncated behind its writing. */
		if (n <= 0)
			return;
		if (write_below(to, piece, (size_t)n, c.at) != n)
			abort();
		c.at += n;
		c.len -= n;
	}
}

static int
sync_file(int fd, const char *name)
{
	int (*below)(int);
	struct file *f;
	int rc;

	*(void **)&below = next(name);
	(void)pthread_mutex_lock(&mutex);
	rc = below(fd);
	f = rc == 0 ? file_of(fd) : NULL;
	for (size_t i = 0; f != NULL && i < f->n; i++)
		if (f->changes[i].len >= 0)
			copy_bytes(fd, f->copy, f->changes[i]);
		else if (truncate_below(f->copy, f->changes[i].at) != 0)
			abort();
	if (f != NULL)
		f->n = 0;
	(void)pthread_mutex_unlock(&mutex);
	return rc;
}

int
fdatasync(int fd)
{
	return sync_file(fd, "fdatasync");
}

int
fsync(int fd)
{
	return sync_file(fd, "fsync");
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	ssize_t written;

	(void)pthread_mutex_lock(&mutex);
	written = write_below(fd, p, n, at);
	if (written > 0)
		note(fd, at, written);
	(void)pthread_mutex_unlock(&mutex);
	return written;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite64(fd, p, n, at);
}

int
ftruncate64(int fd, off_t size)
{
	int rc;

	(void)pthread_mutex_lock(&mutex);
	rc = truncate_below(fd, size);
	if (rc == 0)
		note(fd, size, -1);
	(void)pthread_mutex_unlock(&mutex);
	return rc;
}

int
ftruncate(int fd, off_t size)
{
	return ftruncate64(fd, size);
}
