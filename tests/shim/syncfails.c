/*
 * syncfails: preloaded into a program, makes syncs of its log fail.
 *
 * The file that SYNCFAILS names holds two int64_t: how many of the next syncs
 * of a write-ahead log fail, and with which errno.  The bytes are written all
 * the same, as they are when a disk gives up late.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static struct order {
	_Atomic int64_t left;
	_Atomic int64_t error;
} * order;

__attribute__((constructor)) static void
attach(void)
{
	const char *path = getenv("SYNCFAILS");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0)
		p = mmap(NULL, sizeof(*order), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	(void)close(fd);
	order = p;
}

static int
is_log(int fd)
{
	static const char end[] = "-wal";
	char name[64], path[PATH_SIZE];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof(path));
	return n >= (ssize_t)strlen(end) &&
	    memcmp(path + n - strlen(end), end, strlen(end)) == 0;
}

/* Whether this sync must fail. */
static int
fails(int fd)
{
	int64_t left = atomic_load(&order->left);

	if (!is_log(fd))
		return 0;
	while (left > 0)
		if (atomic_compare_exchange_weak(
			&order->left, &left, left - 1)) {
			errno = (int)atomic_load(&order->error);
			return 1;
		}
	return 0;
}

int
fdatasync(int fd)
{
	int (*next)(int);

	*(void **)&next = dlsym(RTLD_NEXT, "fdatasync");
	return fails(fd) ? -1 : next(fd);
}

int
fsync(int fd)
{
	int (*next)(int);

	*(void **)&next = dlsym(RTLD_NEXT, "fsync");
	return fails(fd) ? -1 : next(fd);
}
