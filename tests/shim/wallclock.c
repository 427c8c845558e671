/*
 * wallclock: preloaded into a program, moves its wall clock while it runs.
 *
 * The file that WALLCLOCK names holds one int64_t: milliseconds by which the
 * wall clock is off.  A wait until a wall time lasts as it would if somebody
 * set the clock of the machine: until the moved clock has reached that time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NS = 1000000000, NS_PER_MS = 1000000, SLICE_NS = 10000000, CONDS = 64 };

static const _Atomic int64_t *off;
/* Conditions that use another clock. */
static _Atomic(pthread_cond_t *) others[CONDS];

__attribute__((constructor)) static void
attach(void)
{
	const char *path = getenv("WALLCLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0)
		p = mmap(NULL, sizeof(*off), PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	(void)close(fd);
	off = p;
}

static void
add(struct timespec *t, int64_t ns)
{
	ns += t->tv_nsec;
	t->tv_sec += ns / NS;
	t->tv_nsec = ns % NS;
	if (t->tv_nsec < 0) {
		t->tv_nsec += NS;
		t->tv_sec--;
	}
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);

	if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
		int64_t ms = off != NULL ? atomic_load(off) : 0;

		t->tv_sec += ms / 1000;
		add(t, ms % 1000 * NS_PER_MS);
	}
	return rc;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *to)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (to != NULL)
		*to = t.tv_sec;
	return t.tv_sec;
}

int
pthread_cond_init(
    pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attr)
{
	int (*next)(pthread_cond_t *, const pthread_condattr_t *);
	clockid_t clock = CLOCK_REALTIME;
	pthread_cond_t *none = NULL;

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_cond_init");
	if (attr != NULL)
		(void)pthread_condattr_getclock(attr, &clock);
	for (int i = 0; i < CONDS && clock != CLOCK_REALTIME; i++, none = NULL)
		if (atomic_compare_exchange_strong(&others[i], &none, cond))
			break;
	return next(cond, attr);
}

static int
is_over(const struct timespec *until)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > until->tv_sec ||
	    (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

int
pthread_cond_timedwait(pthread_cond_t *restrict cond,
    pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
	int (*next)(
	    pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	struct timespec slice;
	int rc;

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
	for (int i = 0; i < CONDS; i++)
		if (atomic_load(&others[i]) == cond)
			return next(cond, mutex, until);
	do {
		if (is_over(until))
			return ETIMEDOUT;
		(void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &slice);
		add(&slice, SLICE_NS);
		rc = next(cond, mutex, &slice);
	} while (rc == ETIMEDOUT);
	return rc;
}
