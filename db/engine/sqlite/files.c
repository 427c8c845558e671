#include "db/engine/sqlite/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/base/must.h"

enum { PIECE = 1 << 18, SYNC_BYTES = 1 << 22 };

static int
failed(const char *what, const char *path)
{
	log_error(what, "path=\"%s\" error=\"%s\"", path, strerror(errno));
	return -1;
}

int
files_create(const char *path, mode_t mode)
{
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	return fd >= 0 ? fd : failed("file cannot be created", path);
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* The memory is needed for what the programs read. */
static void
flush(int fd)
{
	if (fdatasync(fd) == 0)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int
copy(int from, int to, char *piece, int64_t size, int64_t *done)
{
	for (int64_t synced = 0; *done < size;) {
		ssize_t n = pread(from, piece, PIECE, (off_t)*done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0 || write_all(to, piece, (size_t)n) != 0)
			return -1;
		*done += n;
		if (*done - synced >= SYNC_BYTES) {
			flush(to);
			synced = *done;
		}
	}
	return 0;
}

int
files_copy(int from, int to, int64_t *bytes)
{
	char *piece = must_alloc(PIECE);
	struct stat st;
	int rc = fstat(from, &st);

	*bytes = 0;
	if (rc == 0)
		rc = copy(from, to, piece, (int64_t)st.st_size, bytes);
	if (rc != 0)
		log_error("copying failed", "bytes=%lld error=\"%s\"",
		    (long long)*bytes, strerror(errno));
	free(piece);
	return rc;
}

int
files_close(int fd, const char *path)
{
	int rc = fsync(fd);

	if (close(fd) != 0)
		rc = -1;
	return rc == 0 ? 0 : failed("file cannot be written", path);
}

/* Makes the names in the directory of PATH durable. */
static int
sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf dir = BUF_INIT;
	int fd, rc;

	buf_add(&dir, path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
	fd = open(dir.len > 0 ? buf_str(&dir) : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd >= 0 ? fsync(fd) : -1;
	if (fd >= 0)
		(void)close(fd);
	buf_done(&dir);
	return rc;
}

int
files_rename(const char *from, const char *to)
{
	if (rename(from, to) != 0)
		return failed("file cannot be renamed", to);
	/* Some file systems cannot sync a directory. */
	if (sync_directory(to) != 0 && errno != EINVAL && errno != ENOTSUP)
		return failed("file's new name cannot be kept", to);
	return 0;
}
