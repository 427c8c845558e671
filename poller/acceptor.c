#include "poller/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/descriptors.h"
#include "db/base/log.h"
#include "db/base/must.h"

enum {
	AT_ONCE = 64,
	PAUSE_MS = 100, /* until a descriptor may have come back */
	WELL_MS = 2000 /* without a shortage: it is over */
};

struct acceptor {
	/* set before the thread starts */
	struct MHD_Daemon *daemon;
	struct listening listening;
	int wake; /* can be read when it is time to look again */
	unsigned most;
	pthread_t thread;

	/* the thread's own */
	int turn; /* the socket that was looked at last */
	int64_t short_at; /* lease ms, when clients last had to wait; 0: no */

	/* anybody's */
	atomic_uint inside;
	atomic_int stopping;
};

enum found { CAME, NOBODY, FULL, SHORT };

static void
look_again(struct acceptor *d)
{
	must(eventfd_write(d->wake, 1) == 0);
}

void
acceptor_left(struct acceptor *d)
{
	unsigned before = atomic_fetch_sub(&d->inside, 1);

	must(before > 0);
	if (before == d->most)
		look_again(d);
}

/* Of one of the sockets. */
static enum found
accept_from(struct acceptor *d, int listener)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int fd = accept4(listener, (struct sockaddr *)&from, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		if (descriptors_are_short(errno))
			return SHORT;
		return errno == ECONNABORTED || errno == EINTR ? CAME : NOBODY;
	}
	atomic_fetch_add(&d->inside, 1);
	/* It closes what it does not want. */
	if (MHD_add_connection(
		d->daemon, fd, (const struct sockaddr *)&from, len) != MHD_YES)
		acceptor_left(d);
	return CAME;
}

/* Of whichever has one waiting; each comes first in turn. */
static enum found
accept_one(struct acceptor *d)
{
	enum found found = NOBODY;

	for (int i = 0; i < d->listening.n && found == NOBODY; i++) {
		d->turn = (d->turn + 1) % d->listening.n;
		found = accept_from(d, d->listening.fds[d->turn]);
	}
	return found;
}

static enum found
let_in(struct acceptor *d)
{
	enum found found = CAME;

	for (int n = 0; n < AT_ONCE && found == CAME; n++)
		found =
		    atomic_load(&d->inside) < d->most ? accept_one(d) : FULL;
	return found;
}

/* Says once that clients have to wait, and once that they no longer do. */
static void
tell(struct acceptor *d, enum found found)
{
	int64_t now = clock_lease();

	if (found == FULL || found == SHORT) {
		if (d->short_at == 0 && found == FULL)
			log_warn("as many connections as there may be; others "
				 "wait",
			    "connections=%u", d->most);
		else if (d->short_at == 0)
			log_warn("connections wait; raise the limit of open "
				 "files",
			    "error=\"%s\"", strerror(errno));
		d->short_at = now;
	} else if (d->short_at != 0 && now - d->short_at >= WELL_MS) {
		log_info("connections wait no longer", "connections=%u",
		    atomic_load(&d->inside));
		d->short_at = 0;
	}
}

static void
rest(struct acceptor *d, enum found found)
{
	struct pollfd ready[1 + LISTEN_MAX] = {
		{ .fd = d->wake, .events = POLLIN },
	};
	int waits = found == FULL || found == SHORT, patience = -1;
	eventfd_t n;

	if (found == SHORT)
		patience = PAUSE_MS;
	else if (!waits && d->short_at != 0)
		patience = WELL_MS;
	for (int i = 0; i < d->listening.n; i++)
		ready[1 + i] = (struct pollfd){ .fd = d->listening.fds[i],
			.events = POLLIN };
	(void)poll(ready, waits ? 1 : 1 + (nfds_t)d->listening.n, patience);
	if (ready[0].revents != 0)
		(void)eventfd_read(d->wake, &n);
	if (waits)
		d->short_at = clock_lease();
}

static void *
run(void *arg)
{
	struct acceptor *d = arg;

	while (!atomic_load(&d->stopping)) {
		enum found found = let_in(d);

		tell(d, found);
		rest(d, found);
	}
	return NULL;
}

struct acceptor *
acceptor_make(unsigned most)
{
	struct acceptor *d = must_alloc(sizeof(*d));

	must(most > 0);
	d->most = most;
	d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(d->wake >= 0);
	return d;
}

/*
 * It divides its limit among the threads, and all may come to one.  It tells
 * of an end a moment before it counts it: there is room for that one more.
 */
unsigned
acceptor_limit(const struct acceptor *d, unsigned threads)
{
	return (d->most + 1) * threads;
}

void
acceptor_open(struct acceptor *d, struct MHD_Daemon *daemon,
    const struct listening *listening)
{
	d->daemon = daemon;
	d->listening = *listening;
	must(pthread_create(&d->thread, NULL, run, d) == 0);
}

void
acceptor_close(struct acceptor *d)
{
	atomic_store(&d->stopping, 1);
	look_again(d);
	must(pthread_join(d->thread, NULL) == 0);
	listen_close(&d->listening);
}

void
acceptor_free(struct acceptor *d)
{
	if (d == NULL)
		return;
	(void)close(d->wake);
	free(d);
}
