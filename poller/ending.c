#include "poller/ending.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"

struct ending {
	/* set before the thread starts */
	int64_t until; /* lease ms */
	int done; /* can be read when there is nothing left to watch */
	pthread_t thread;
};

int64_t
ending_share(const struct settings *s, enum ending_part part)
{
	return s->stop_ms * (int64_t)part / ENDING_ALL;
}

static void *
watch(void *arg)
{
	const struct ending *e = arg;
	struct pollfd done = { .fd = e->done, .events = POLLIN };
	int64_t rest;

	while ((rest = e->until - clock_lease()) > 0)
		if (poll(&done, 1, (int)rest) > 0)
			return NULL;
	log_warn("stopping took too long; requests are broken off", "pid=%ld",
	    (long)getpid());
	_exit(0);
}

struct ending *
ending_begin(const struct settings *s)
{
	struct ending *e = must_alloc(sizeof(*e));

	e->until = clock_lease() + ending_share(s, ENDING_ALL);
	e->done = eventfd(0, EFD_CLOEXEC);
	must(e->done >= 0);
	must(pthread_create(&e->thread, NULL, watch, e) == 0);
	return e;
}

void
ending_done(struct ending *e)
{
	if (e == NULL)
		return;
	must(eventfd_write(e->done, 1) == 0);
	must(pthread_join(e->thread, NULL) == 0);
	(void)close(e->done);
	free(e);
}
