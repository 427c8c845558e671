#include "api/doors/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/doors/pulse.h"
#include "api/doors/request_timeout.h"
#include "api/http/params.h"
#include "api/request_maintenance.h"
#include "db/base/clock.h"
#include "db/base/descriptors.h"
#include "db/base/endpoint.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"
#include "db/base/unixsock.h"
#include "db/chat/setup.h"

enum { BACKLOG = 512, SHORT_MS = 100 };

/* Shared by all threads: set before they start. */
struct pool {
	const struct api *api;
	struct request_timeout *timeout;
	int fd; /* listens */
	int stop; /* readable when it is time to stop */
	int gone; /* counts the threads that have ended */
	int beats; /* as a daemon: see request_maintenance_beat */
};

struct server {
	const struct pool *pool;
	int seat;
	pthread_t thread;
};

static atomic_int stopping;
static atomic_int short_of_descriptors; /* the shortage has been logged */
/* One thread at a time in accept: otherwise many threads block together. */
static pthread_mutex_t accepting = PTHREAD_MUTEX_INITIALIZER;

static const char *
variable(const char *name, void *arg)
{
	const FCGX_Request *f = arg;

	return FCGX_GetParam(name, f->envp);
}

static int64_t
take(void *arg, char *to, size_t size)
{
	const FCGX_Request *f = arg;
	int n = FCGX_GetStr(to, (int)size, f->in);

	return n == 0 && FCGX_GetError(f->in) != 0 ? -1 : n;
}

/*
 * A web server that is still sending the body when the connection closes
 * tells the client of a failure, although the answer has come.
 */
static void
drain(FCGX_Request *f)
{
	char rest[4096];

	while (FCGX_GetStr(rest, sizeof(rest), f->in) > 0)
		continue;
}

/* Reads the rest of a request; -1: it is not well-formed. */
static int
read_rest(FCGX_Request *f, struct request *r, struct buf *body)
{
	int64_t length = params_length(variable, f);

	params_read(r, variable, f);
	if (length == -2 || params_body(body, length, take, f) != 0)
		return -1;
	drain(f);
	r->body = body->p;
	r->len = body->len;
	return 0;
}

static struct reply
answer(const struct server *s, FCGX_Request *f, struct request *r,
    struct buf *body)
{
	if (read_rest(f, r, body) != 0)
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	request_timeout_handling(s->pool->timeout, s->seat);
	return api_handle(s->pool->api, r);
}

static void
serve_one(const struct server *s, FCGX_Request *f)
{
	struct buf body = BUF_INIT, out = BUF_INIT;
	struct request request = { 0 };
	struct reply reply = answer(s, f, &request, &body);

	request_timeout_writing(s->pool->timeout, s->seat);
	/* A kept connection would tie this thread to a single client. */
	f->keepConnection = 0;
	params_add_head(&out, &reply);
	if (request.method != METHOD_HEAD)
		buf_add(&out, reply.body.p, reply.body.len);
	if (FCGX_PutStr(out.p, (int)out.len, f->out) < 0 ||
	    FCGX_FFlush(f->out) < 0)
		api_unsent(s->pool->api, &reply);
	FCGX_Finish_r(f);
	reply_done(&reply);
	buf_done(&out);
	buf_done(&body);
}

/* Out of descriptors: they come back when other requests end. */
static void
wait_for_descriptors(const struct pool *p)
{
	struct pollfd stop = { .fd = p->stop, .events = POLLIN };

	if (atomic_exchange(&short_of_descriptors, 1) == 0)
		log_warn("descriptors are short; raise the limit of files",
		    "error=\"%s\"", strerror(errno));
	(void)poll(&stop, 1, SHORT_MS);
}

/* A connection by two descriptors: the server's, and the timeout's own. */
struct pair {
	int server, timeout;
};

/* Both descriptors or none: a connection that is accepted can be served. */
static struct pair
accept_pair(const struct pool *p)
{
	struct pair pair = { -1, fcntl(p->stop, F_DUPFD_CLOEXEC, 0) };

	if (pair.timeout >= 0)
		pair.server = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC);
	if (pair.server >= 0) {
		must(dup3(pair.server, pair.timeout, O_CLOEXEC) >= 0);
		atomic_store(&short_of_descriptors, 0);
		return pair;
	}
	if (descriptors_are_short(errno))
		wait_for_descriptors(p);
	if (pair.timeout >= 0)
		(void)close(pair.timeout);
	return pair;
}

/*
 * The next connection; server -1: there is none, another process took it, or
 * it is time to stop.
 */
static struct pair
next_connection(const struct pool *p)
{
	struct pollfd ready[] = {
		{ .fd = p->fd, .events = POLLIN },
		{ .fd = p->stop, .events = POLLIN },
	};
	struct pair pair = { -1, -1 };

	must(pthread_mutex_lock(&accepting) == 0);
	if (poll(ready, 2, -1) > 0 && ready[1].revents == 0)
		pair = accept_pair(p);
	must(pthread_mutex_unlock(&accepting) == 0);
	return pair;
}

/*
 * The library's own accept is not used: it would hold the mutex until the whole
 * request has arrived.  The library treats a connection that is already there
 * as a kept one.
 */
static void
serve_next(const struct server *s, FCGX_Request *f)
{
	struct pair pair = next_connection(s->pool);

	if (pair.server < 0)
		return;
	request_timeout_reading(s->pool->timeout, s->seat, pair.timeout);
	f->ipcFd = pair.server;
	f->keepConnection = 1;
	if (FCGX_Accept_r(f) == 0)
		serve_one(s, f);
	request_timeout_done(s->pool->timeout, s->seat);
}

static void *
work(void *arg)
{
	const struct server *s = arg;
	FCGX_Request f;

	/*
	 * After a bad request the library calls accept itself: give it no
	 * socket.
	 */
	must(
	    FCGX_InitRequest(&f, s->pool->stop, FCGI_FAIL_ACCEPT_ON_INTR) == 0);
	while (!atomic_load(&stopping))
		serve_next(s, &f);
	FCGX_Free(&f, 1);
	must(eventfd_write(s->pool->gone, 1) == 0);
	return NULL;
}

int
fcgi_ends(void)
{
	sigset_t ends;
	int fd;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	must(pthread_sigmask(SIG_BLOCK, &ends, NULL) == 0);
	fd = signalfd(-1, &ends, SFD_CLOEXEC);
	must(fd >= 0);
	return fd;
}

/* Nothing lives only in memory, so breaking off is safe. */
static _Noreturn void
break_off(const struct server *servers, int n)
{
	int stuck = 0;

	for (int i = 0; i < n; i++)
		if (pthread_tryjoin_np(servers[i].thread, NULL) != 0)
			stuck++;
	log_warn("stopping took too long; requests are broken off",
	    "threads=%d", stuck);
	_exit(0);
}

/* Cuts off overdue requests until ENDS, and then until no server is left. */
static void
attend(const struct pool *p, int ends, const struct server *servers, int n)
{
	struct pollfd fds[] = {
		{ .fd = ends, .events = POLLIN },
		{ .fd = p->gone, .events = POLLIN },
	};
	int64_t look = request_timeout_look_ms(p->timeout), until = INT64_MAX;
	struct db *db = store_db(p->api->store);
	eventfd_t left = (eventfd_t)n, gone;

	if (look > REQUEST_MAINTENANCE_BEAT_MS)
		look = REQUEST_MAINTENANCE_BEAT_MS;
	while (left > 0) {
		int64_t rest = until - clock_lease();
		int some;

		if (rest <= 0)
			break_off(servers, n);
		if (p->beats)
			request_maintenance_beat(db);
		some = poll(fds, 2, (int)(rest < look ? rest : look)) > 0;
		request_timeout_cut(p->timeout);
		if (some && fds[0].revents != 0) {
			fds[0].fd = -1;
			until = clock_lease() + p->api->settings->stop_ms;
			atomic_store(&stopping, 1);
			must(eventfd_write(p->stop, 1) == 0);
		}
		if (some && fds[1].revents != 0) {
			must(eventfd_read(p->gone, &gone) == 0);
			left -= gone;
		}
	}
}

int
fcgi_serve(const struct api *api, struct worker_handoff *handoff, int ends)
{
	struct server servers[PULSE_SEATS] = { 0 };
	struct pulse own = { 0 }, *pulse = &own;
	struct pool pool = { .api = api,
		.fd = handoff->socket,
		.beats = handoff->socket != STDIN_FILENO };
	int n = (int)api->settings->threads;

	must(n <= PULSE_SEATS);
	if (handoff->memory >= 0)
		pulse = pulse_map(handoff->memory);
	must(pulse != NULL);
	pool.timeout = request_timeout_open(api->settings, pulse);
	pool.stop = eventfd(0, EFD_CLOEXEC);
	pool.gone = eventfd(0, EFD_CLOEXEC);
	must(pool.stop >= 0 && pool.gone >= 0);
	/* Another process may be faster to accept. */
	must(fcntl(pool.fd, F_SETFL, O_NONBLOCK) == 0);
	/* ms to wait, after an answer, for the peer to close */
	(void)setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "50", 0);
	must(FCGX_Init() == 0);
	for (int i = 0; i < n; i++) {
		servers[i] = (struct server){ .pool = &pool, .seat = i };
		must(pthread_create(
			 &servers[i].thread, NULL, work, &servers[i]) == 0);
	}
	log_info("listening", "door=fastcgi pid=%ld threads=%d address=%s",
	    (long)getpid(), n, setup_api_at(api->settings));
	worker_handoff_ready(handoff);
	attend(&pool, ends, servers, n);
	for (int i = 0; i < n; i++)
		must(pthread_join(servers[i].thread, NULL) == 0);
	request_timeout_close(pool.timeout);
	if (pulse != &own)
		pulse_unmap(pulse);
	(void)close(pool.gone);
	(void)close(pool.stop);
	return 0;
}

int
fcgi_listen(const char *address)
{
	const char *path = unixsock_path(address);
	int fd;

	must(path != NULL); /* main.c has checked ADDRESS */
	fd = unixsock_listen(path, BACKLOG);
	if (fd < 0)
		log_error("cannot listen; see --listen",
		    "address=\"%s\" error=\"%s\" mend=\"%s\"", address,
		    strerror(errno), endpoint_mend(errno));
	return fd;
}
