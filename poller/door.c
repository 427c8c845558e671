#include "poller/door.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/log.h"
#include "db/base/must.h"

enum { AT_ONCE = 64, PAUSE_MS = 100 };

struct door {
	/* set before the thread starts */
	struct MHD_Daemon *daemon;
	int fd;
	int stop; /* can be read when it is time to stop */
	pthread_t thread;
};

/* The next connection is with libmicrohttpd; 0: there is none for now. */
static int
accept_one(struct door *d)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int fd = accept4(d->fd, (struct sockaddr *)&from, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	/* What it does not want, because it has too many, it closes. */
	(void)MHD_add_connection(
	    d->daemon, fd, (const struct sockaddr *)&from, len);
	return 1;
}

static int
out_of_descriptors(void)
{
	return errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM;
}

static void *
run(void *arg)
{
	struct door *d = arg;
	struct pollfd ready[] = {
		{ .fd = d->stop, .events = POLLIN },
		{ .fd = d->fd, .events = POLLIN },
	};
	int pausing = 0, n;

	for (;;) {
		(void)poll(ready, pausing ? 1 : 2, pausing ? PAUSE_MS : -1);
		if (ready[0].revents != 0)
			return NULL;
		pausing = 0;
		errno = 0;
		for (n = 0; n < AT_ONCE && accept_one(d); n++)
			continue;
		if (n < AT_ONCE && out_of_descriptors()) {
			log_warn("connections wait; raise the limit of open "
				 "files",
			    "errno=%d", errno);
			pausing = 1;
		}
	}
}

struct door *
door_open(struct MHD_Daemon *daemon, int fd)
{
	struct door *d = must_alloc(sizeof(*d));

	d->daemon = daemon;
	d->fd = fd;
	d->stop = eventfd(0, EFD_CLOEXEC);
	must(d->stop >= 0);
	must(pthread_create(&d->thread, NULL, run, d) == 0);
	return d;
}

void
door_close(struct door *d)
{
	must(eventfd_write(d->stop, 1) == 0);
	must(pthread_join(d->thread, NULL) == 0);
	(void)close(d->stop);
	(void)close(d->fd);
	free(d);
}
