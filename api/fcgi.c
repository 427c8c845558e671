#include <errno.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/doors.h"
#include "api/params.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"

enum { WORKERS_MAX = 64, BACKLOG = 512, WAKE_EVERY_NS = 20000000 };

static const char unix_prefix[] = "unix:";

struct worker {
	const struct api *api;
	int fd;
	pthread_t thread;
	atomic_int ended;
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
	f->keepConnection = 0;
}

static struct reply
answer(
    const struct api *api, FCGX_Request *f, struct request *r, struct buf *body)
{
	int64_t length = params_length(variable, f);

	params_read(r, variable, f);
	if (length == -2 || params_body(body, length, take, f) != 0) {
		f->keepConnection = 0;
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

static int
accept_one(FCGX_Request *f)
{
	int rc = -1;

	must(pthread_mutex_lock(&accepting) == 0);
	if (!atomic_load(&stopping))
		rc = FCGX_Accept_r(f);
	must(pthread_mutex_unlock(&accepting) == 0);
	return rc;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	FCGX_Request f;

	must(FCGX_InitRequest(&f, w->fd, FCGI_FAIL_ACCEPT_ON_INTR) == 0);
	while (!atomic_load(&stopping))
		if (accept_one(&f) == 0)
			serve_one(w->api, &f);
	FCGX_Free(&f, 1);
	atomic_store(&w->ended, 1);
	return NULL;
}

static void
interrupt(int signal)
{
	(void)signal;
}

/*
 * A worker may be on its way into accept when the signal comes, so it is
 * woken again until it has ended.
 */
static void
stop(struct worker *workers, int n)
{
	const struct timespec pause = { 0, WAKE_EVERY_NS };

	atomic_store(&stopping, 1);
	for (int i = 0; i < n; i++) {
		while (!atomic_load(&workers[i].ended)) {
			(void)pthread_kill(workers[i].thread, SIGUSR1);
			(void)nanosleep(&pause, NULL);
		}
		must(pthread_join(workers[i].thread, NULL) == 0);
	}
}

int
fcgi_serve(const struct api *api, int fd)
{
	struct sigaction wake = { .sa_handler = interrupt };
	struct worker workers[WORKERS_MAX] = { 0 };
	int64_t wanted = api->settings->threads;
	int n = wanted < WORKERS_MAX ? (int)wanted : WORKERS_MAX, signal;
	sigset_t ends;

	/* After an answer it waits this long for the peer to close; in ms. */
	(void)setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "50", 0);
	must(FCGX_Init() == 0);
	must(sigaction(SIGUSR1, &wake, NULL) == 0);
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	must(pthread_sigmask(SIG_BLOCK, &ends, NULL) == 0);
	for (int i = 0; i < n; i++) {
		workers[i].api = api;
		workers[i].fd = fd;
		must(pthread_create(
			 &workers[i].thread, NULL, work, &workers[i]) == 0);
	}
	log_info("listening", "door=fastcgi workers=%d address=%s", n,
	    api->settings->listen);
	while (sigwait(&ends, &signal) != 0)
		continue;
	stop(workers, n);
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
