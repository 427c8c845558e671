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
#include "db/base/limits.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "poller/client_addr.h"

enum {
	AT_ONCE = 64,
	PAUSE_MS = 100, /* until a descriptor may be free again */
	WELL_MS = 2000 /* without a refusal: the shortage is over */
};

struct acceptor {
	/* set before the thread starts */
	struct MHD_Daemon *daemon;
	struct listening listening;
	int wakeup; /* readable when it is time to look again */
	unsigned most;
	struct reuse reuse;
	struct connection_quota *quota;
	pthread_t thread;

	/* the thread's own */
	int turn; /* the socket accepted from last */
	int64_t short_at; /* lease ms, when clients last had to wait, or 0 */

	/* any thread's */
	atomic_uint inside;
	atomic_int stopping;
	pthread_mutex_t adding; /* held while a connection is given back */
};

enum found { CAME, NOBODY, FULL, SHORT };

static void
wake(struct acceptor *a)
{
	must(eventfd_write(a->wakeup, 1) == 0);
}

static void
leave_place(struct acceptor *a)
{
	unsigned before = atomic_fetch_sub(&a->inside, 1);

	must(before > 0);
	if (before == a->most)
		wake(a);
}

void
acceptor_left(struct acceptor *a, uint64_t address)
{
	connection_quota_give(a->quota, address);
	leave_place(a);
}

static int
is_full(const struct acceptor *a)
{
	return atomic_load(&a->inside) >= a->most;
}

/* Takes a place for one more connection, unless there is none. */
static int
take_place(struct acceptor *a)
{
	unsigned inside = atomic_load(&a->inside);

	while (inside < a->most)
		if (atomic_compare_exchange_weak(
			&a->inside, &inside, inside + 1))
			return 1;
	return 0;
}

/*
 * The kernel takes a whole answer, so that it need not wait in this process;
 * left alone, it would take megabytes for a client that sends requests and
 * reads nothing.
 */
static void
tune(int fd)
{
	int size = LIST_BYTES_MAX;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/*
 * Adds a connection for which there is a place, or closes it.  If libmicrohttpd
 * refuses it, it has also closed it.
 */
static void
add(struct acceptor *a, int fd, const struct sockaddr_storage *from,
    socklen_t len)
{
	const struct sockaddr *client = (const struct sockaddr *)from;
	uint64_t address = client_addr_key_of(client);

	if (connection_quota_take(a->quota, address) != 0) {
		(void)close(fd);
		leave_place(a);
		return;
	}
	tune(fd);
	if (MHD_add_connection(a->daemon, fd, client, len) != MHD_YES)
		acceptor_left(a, address);
}

/* Accepts from a listening socket. */
static enum found
accept_from(struct acceptor *a, int listener)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int fd;

	if (!take_place(a))
		return FULL;
	fd = accept4(listener, (struct sockaddr *)&from, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		atomic_fetch_sub(&a->inside, 1);
		if (descriptors_are_short(errno))
			return SHORT;
		return errno == ECONNABORTED || errno == EINTR ? CAME : NOBODY;
	}
	add(a, fd, &from, len);
	return CAME;
}

/* From the sockets in turn, so that none is preferred. */
static enum found
accept_one(struct acceptor *a)
{
	enum found found = NOBODY;

	for (int i = 0; i < a->listening.n && found == NOBODY; i++) {
		a->turn = (a->turn + 1) % a->listening.n;
		found = accept_from(a, a->listening.fds[a->turn]);
	}
	return found;
}

static enum found
accept_some(struct acceptor *a)
{
	enum found found = CAME;

	for (int n = 0; n < AT_ONCE && found == CAME; n++)
		found = accept_one(a);
	return found;
}

/* Logs once that clients have to wait, and once that they no longer do. */
static void
log_shortage(struct acceptor *a, enum found found)
{
	int64_t now = clock_lease();

	if (found == FULL || found == SHORT) {
		if (a->short_at == 0 && found == FULL)
			log_warn("connection limit reached; further connections"
				 " wait",
			    "connections=%u", a->most);
		else if (a->short_at == 0)
			log_warn("connections wait; raise the limit of open "
				 "files",
			    "error=\"%s\"", strerror(errno));
		a->short_at = now;
	} else if (a->short_at != 0 && now - a->short_at >= WELL_MS) {
		log_info("connections wait no longer", "connections=%u",
		    atomic_load(&a->inside));
		a->short_at = 0;
	}
}

static void
wait_for_more(struct acceptor *a, enum found found)
{
	struct pollfd ready[1 + LISTEN_MAX] = {
		{ .fd = a->wakeup, .events = POLLIN },
	};
	int waits = found == FULL || found == SHORT, patience = -1;
	eventfd_t n;

	if (found == SHORT)
		patience = PAUSE_MS;
	else if (!waits && a->short_at != 0)
		patience = WELL_MS;
	for (int i = 0; i < a->listening.n; i++)
		ready[1 + i] = (struct pollfd){ .fd = a->listening.fds[i],
			.events = POLLIN };
	(void)poll(ready, waits ? 1 : 1 + (nfds_t)a->listening.n, patience);
	if (ready[0].revents != 0)
		(void)eventfd_read(a->wakeup, &n);
	if (waits)
		a->short_at = clock_lease();
}

static void *
run(void *arg)
{
	struct acceptor *a = arg;

	while (!atomic_load(&a->stopping)) {
		enum found found = accept_some(a);

		log_shortage(a, found);
		wait_for_more(a, found);
	}
	return NULL;
}

static int
may_give_back(void *arg)
{
	const struct acceptor *a = arg;

	return !atomic_load(&a->stopping) && !is_full(a);
}

static void
give_back(void *arg, int fd)
{
	struct acceptor *a = arg;
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);

	/* libmicrohttpd may be gone once acceptor_close has the mutex. */
	must(pthread_mutex_lock(&a->adding) == 0);
	if (atomic_load(&a->stopping) ||
	    getpeername(fd, (struct sockaddr *)&from, &len) != 0 ||
	    !take_place(a))
		(void)close(fd);
	else
		add(a, fd, &from, len);
	must(pthread_mutex_unlock(&a->adding) == 0);
}

const struct reuse *
acceptor_reuse(struct acceptor *a)
{
	return &a->reuse;
}

struct acceptor *
acceptor_make(unsigned most, struct connection_quota *quota)
{
	struct acceptor *a = must_alloc(sizeof(*a));

	must(most > 0);
	a->most = most;
	a->reuse = (struct reuse){ may_give_back, give_back, a };
	must(pthread_mutex_init(&a->adding, NULL) == 0);
	a->quota = quota;
	a->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(a->wakeup >= 0);
	return a;
}

/*
 * libmicrohttpd divides its limit among the threads, and a single thread may
 * get all of the connections.  It reports the end of a connection a moment
 * before it stops counting that connection, hence the extra place.
 */
unsigned
acceptor_limit(const struct acceptor *a, unsigned threads)
{
	return (a->most + 1) * threads;
}

void
acceptor_open(struct acceptor *a, struct MHD_Daemon *daemon,
    const struct listening *listening)
{
	a->daemon = daemon;
	a->listening = *listening;
	must(pthread_create(&a->thread, NULL, run, a) == 0);
}

void
acceptor_close(struct acceptor *a)
{
	must(pthread_mutex_lock(&a->adding) == 0);
	atomic_store(&a->stopping, 1);
	must(pthread_mutex_unlock(&a->adding) == 0);
	wake(a);
	must(pthread_join(a->thread, NULL) == 0);
	listen_close(&a->listening);
}

void
acceptor_free(struct acceptor *a)
{
	if (a == NULL)
		return;
	must(pthread_mutex_destroy(&a->adding) == 0);
	(void)close(a->wakeup);
	free(a);
}
