#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/doors.h"
#include "api/params.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"

enum { WORKERS_MAX = 64, BACKLOG = 512, SILENCE_S = 30 };

static const char unix_prefix[] = "unix:";

struct worker {
	const struct api *api;
	int fd; /* listens */
	int stop; /* can be read when it is time to stop */
	int nowhere; /* no socket: accept fails on it at once */
	pthread_t thread;
};

static atomic_int stopping;
/* One at a time in accept: without it many threads stand still together. */
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

/* What is left unread would be taken for the next request: read it out. */
static void
drain(FCGX_Request *f, struct buf *body)
{
	char rest[4096];

	if (body->len <= API_BODY_MAX)
		return;
	while (FCGX_GetStr(rest, sizeof(rest), f->in) > 0)
		continue;
}

static struct reply
answer(
    const struct api *api, FCGX_Request *f, struct request *r, struct buf *body)
{
	int64_t length = params_length(variable, f);

	params_read(r, variable, f);
	if (length == -2 || params_body(body, length, take, f) != 0) {
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	}
	drain(f, body);
	r->body = body->p;
	r->len = body->len;
	return api_handle(api, r);
}

static void
serve_one(const struct api *api, FCGX_Request *f)
{
	struct buf body = BUF_INIT, out = BUF_INIT;
	struct request request = { 0 };
	struct reply reply = answer(api, f, &request, &body);

	/* A kept connection would bind this worker to one client. */
	f->keepConnection = 0;
	params_add_head(&out, &reply);
	if (request.method != METHOD_HEAD)
		buf_add(&out, reply.body.p, reply.body.len);
	/* Whoever asked may have gone; there is nobody to tell. */
	(void)FCGX_PutStr(out.p, (int)out.len, f->out);
	FCGX_Finish_r(f);
	reply_done(&reply);
	buf_done(&out);
	buf_done(&body);
}

/* The next connection; -1: there is none, or it is time to stop. */
static int
next_connection(const struct worker *w)
{
	struct pollfd ready[] = {
		{ .fd = w->fd, .events = POLLIN },
		{ .fd = w->stop, .events = POLLIN },
	};
	int fd = -1;

	must(pthread_mutex_lock(&accepting) == 0);
	if (poll(ready, 2, -1) > 0 && ready[1].revents == 0)
		fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
	must(pthread_mutex_unlock(&accepting) == 0);
	return fd;
}

/*
 * The library's own accept is left out: it would hold the mutex until the
 * whole request has come.  It takes a connection that is there for one that
 * was kept.  A peer that falls silent is given up after SILENCE_S.
 */
static int
accept_one(const struct worker *w, FCGX_Request *f)
{
	const struct timeval silence = { .tv_sec = SILENCE_S };
	int fd = next_connection(w);

	if (fd < 0)
		return -1;
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));
	f->ipcFd = fd;
	f->keepConnection = 1;
	return FCGX_Accept_r(f);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	FCGX_Request f;

	/* After a bad request the library accepts by itself: from nowhere. */
	must(FCGX_InitRequest(&f, w->nowhere, FCGI_FAIL_ACCEPT_ON_INTR) == 0);
	while (!atomic_load(&stopping))
		if (accept_one(w, &f) == 0)
			serve_one(w->api, &f);
	FCGX_Free(&f, 1);
	return NULL;
}

int
fcgi_serve(const struct api *api, int fd)
{
	struct worker workers[WORKERS_MAX] = { 0 };
	int64_t wanted = api->settings->threads;
	int n = wanted < WORKERS_MAX ? (int)wanted : WORKERS_MAX, signal;
	int stop = eventfd(0, EFD_CLOEXEC);
	sigset_t ends;

	/* After an answer it waits so many ms for the peer to close. */
	(void)setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "50", 0);
	must(stop >= 0 && FCGX_Init() == 0);
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	must(pthread_sigmask(SIG_BLOCK, &ends, NULL) == 0);
	for (int i = 0; i < n; i++) {
		workers[i] = (struct worker){
			.api = api, .fd = fd, .stop = stop, .nowhere = stop
		};
		must(pthread_create(
			 &workers[i].thread, NULL, work, &workers[i]) == 0);
	}
	log_info("listening", "door=fastcgi workers=%d address=%s", n,
	    api->settings->listen);
	while (sigwait(&ends, &signal) != 0)
		continue;
	atomic_store(&stopping, 1);
	must(eventfd_write(stop, 1) == 0);
	for (int i = 0; i < n; i++)
		must(pthread_join(workers[i].thread, NULL) == 0);
	(void)close(stop);
	return 0;
}

int
fcgi_is_socket(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

int
fcgi_listen(const char *address)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = address + sizeof(unix_prefix) - 1;
	mode_t before;
	int fd, rc;

	if (strncmp(address, unix_prefix, sizeof(unix_prefix) - 1) != 0 ||
	    strlen(path) >= sizeof(sun.sun_path)) {
		log_error("listen must be unix:/path of at most 107 bytes",
		    "listen=\"%s\"", address);
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0);
	(void)unlink(path);
	before = umask(0117);
	rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	(void)umask(before);
	if (rc == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	log_error("socket cannot be made", "path=\"%s\" error=\"%s\"", path,
	    strerror(errno));
	(void)close(fd);
	return -1;
}
