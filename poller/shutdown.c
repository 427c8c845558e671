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
	int done; /* readable when there is nothing left to run */
	pthread_t thread;
};

int64_t
shutdown_share(const struct settings *settings, enum shutdown_part part)
{
	return settings->stop_ms * (int64_t)part / SHUTDOWN_ALL;
}

static void *
run(void *arg)
{
	const struct shutdown *s = arg;
	struct pollfd done = { .fd = s->done, .events = POLLIN };
	int64_t rest;

	while ((rest = s->until - clock_lease()) > 0)
		if (poll(&done, 1, (int)rest) > 0)
			return NULL;
	log_warn("stopping took too long; requests are broken off", "pid=%ld",
	    (long)getpid());
	_exit(0);
}

struct shutdown *
shutdown_begin(const struct settings *settings)
{
	struct shutdown *s = must_alloc(sizeof(*s));

	s->until = clock_lease() + shutdown_share(settings, SHUTDOWN_ALL);
	s->done = eventfd(0, EFD_CLOEXEC);
	must(s->done >= 0);
	must(pthread_create(&s->thread, NULL, run, s) == 0);
	return s;
}

void
shutdown_done(struct shutdown *s)
{
	if (s == NULL)
		return;
	must(eventfd_write(s->done, 1) == 0);
	must(pthread_join(s->thread, NULL) == 0);
	(void)close(s->done);
	free(s);
}
