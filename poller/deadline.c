#include "poller/deadline.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "db/base/clock.h"
#include "db/base/must.h"

enum { LOOK_MS = 100, MS_PER_S = 1000 };

struct deadline {
	TAILQ_ENTRY(deadline) entry;
	int fd;
	int64_t at; /* lease ms, INT64_MAX: none */
	int answered; /* it is an answer that is due */
};

struct deadlines {
	/* set before the thread starts */
	int64_t request_ms;
	int64_t rate; /* bytes of an answer per s, 0: any */
	pthread_t thread;

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t stopped;
	int stopping;
	TAILQ_HEAD(, deadline) all;

	/* any thread's */
	atomic_uint_fast64_t slow;
};

/* Unread bytes are our delay, not the client's. */
static int
is_unread(int fd)
{
	int bytes = 0;

	return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

static void
cut_overdue(struct deadlines *all)
{
	int64_t now = clock_lease();
	struct deadline *d;

	TAILQ_FOREACH (d, &all->all, entry)
		if (d->at <= now && (d->answered || !is_unread(d->fd))) {
			(void)shutdown(d->fd, SHUT_RDWR);
			if (d->answered)
				atomic_fetch_add(&all->slow, 1);
			d->at = INT64_MAX;
		}
}

static void *
run(void *arg)
{
	struct deadlines *all = arg;

	must(pthread_mutex_lock(&all->mutex) == 0);
	while (!all->stopping) {
		cut_overdue(all);
		clock_wait(&all->stopped, &all->mutex, LOOK_MS);
	}
	must(pthread_mutex_unlock(&all->mutex) == 0);
	return NULL;
}

struct deadlines *
deadlines_start(int64_t request_ms, int64_t rate)
{
	struct deadlines *all = must_alloc(sizeof(*all));

	all->request_ms = request_ms;
	all->rate = rate;
	TAILQ_INIT(&all->all);
	must(pthread_mutex_init(&all->mutex, NULL) == 0);
	clock_cond_init(&all->stopped);
	must(pthread_create(&all->thread, NULL, run, all) == 0);
	return all;
}

void
deadlines_stop(struct deadlines *all)
{
	must(pthread_mutex_lock(&all->mutex) == 0);
	all->stopping = 1;
	must(pthread_cond_signal(&all->stopped) == 0);
	must(pthread_mutex_unlock(&all->mutex) == 0);
	must(pthread_join(all->thread, NULL) == 0);
	must(TAILQ_EMPTY(&all->all));
	must(pthread_cond_destroy(&all->stopped) == 0);
	must(pthread_mutex_destroy(&all->mutex) == 0);
	free(all);
}

static void
set(struct deadlines *all, struct deadline *d, int64_t at, int answered)
{
	must(pthread_mutex_lock(&all->mutex) == 0);
	d->at = at;
	d->answered = answered;
	must(pthread_mutex_unlock(&all->mutex) == 0);
}

struct deadline *
deadline_add(struct deadlines *all, int fd)
{
	struct deadline *d = must_alloc(sizeof(*d));

	d->fd = fd;
	d->at = clock_lease() + all->request_ms;
	must(pthread_mutex_lock(&all->mutex) == 0);
	TAILQ_INSERT_TAIL(&all->all, d, entry);
	must(pthread_mutex_unlock(&all->mutex) == 0);
	return d;
}

void
deadline_remove(struct deadlines *all, struct deadline *d)
{
	must(pthread_mutex_lock(&all->mutex) == 0);
	TAILQ_REMOVE(&all->all, d, entry);
	must(pthread_mutex_unlock(&all->mutex) == 0);
	free(d);
}

void
deadline_rest(struct deadlines *all, struct deadline *d)
{
	set(all, d, INT64_MAX, 0);
}

void
deadline_begin(struct deadlines *all, struct deadline *d)
{
	set(all, d, clock_lease() + all->request_ms, 0);
}

void
deadline_answer(struct deadlines *all, struct deadline *d, uint64_t len)
{
	int64_t ms;

	if (all->rate == 0)
		return;
	ms = (int64_t)(len * MS_PER_S / (uint64_t)all->rate);
	set(all, d, clock_lease() + all->request_ms + ms, 1);
}

uint64_t
deadlines_slow(const struct deadlines *all)
{
	return atomic_load(&all->slow);
}
