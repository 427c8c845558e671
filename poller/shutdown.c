#include "poller/shutdown.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"

struct shutdown {
	/* set before the thread starts */
	int64_t until; /* lease ms */
	int done; /* can be read when there is nothing left to watch */
	pthread_t thread;
};

int64_t
shutdown_share(const struct settings *s, enum shutdown_part part)
{
	return s->stop_ms * (int64_t)part / SHUTDOWN_ALL;
}

static void *
watch(void *arg)
{
	const struct shutdown *e = arg;
	struct pollfd done = { .fd = e->done, .events = POLLIN };
	int64_t rest;

	while ((rest = e->until - clock_lease()) > 0)
		if (poll(&done, 1, (int)rest) > 0)
			return NULL;
	log_warn("stopping took too long; requests are broken off", "pid=%ld",
	    (long)getpid());
	_exit(0);
}

struct shutdown *
shutdown_begin(const struct settings *s)
{
	struct shutdown *e = must_alloc(sizeof(*e));

	e->until = clock_lease() + shutdown_share(s, SHUTDOWN_ALL);
	e->done = eventfd(0, EFD_CLOEXEC);
	must(e->done >= 0);
	must(pthread_create(&e->thread, NULL, watch, e) == 0);
	return e;
}

void
shutdown_done(struct shutdown *e)
{
	if (e == NULL)
		return;
	must(eventfd_write(e->done, 1) == 0);
	must(pthread_join(e->thread, NULL) == 0);
	(void)close(e->done);
	free(e);
}
