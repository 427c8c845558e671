#include "poller/server.h"

#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "api/feed/catchup.h"
#include "api/http/mount.h"
#include "api/http/uri.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"
#include "poller/acceptor.h"
#include "poller/http_connection.h"
#include "poller/capacity.h"
#include "poller/client_addr.h"
#include "poller/connection_quota.h"
#include "poller/deadline.h"
#include "poller/listen.h"
#include "poller/parking.h"
#include "poller/request_check.h"
#include "poller/request_quota.h"
#include "poller/shutdown.h"

enum {
	CONNECTION_MEMORY = 12 * 1024, /* fits a request's headers */
	LOOK_MS = 5,
	IDLE_SECONDS = 30, /* a kept connection without a request */
	BODY_READ_MAX = 4 * 1024 * 1024, /* of one that is refused */
	THREADS_MIN = 2 /* libmicrohttpd has no smaller pool */
};

struct server {
	struct MHD_Daemon *daemon;
	struct acceptor *acceptor;
	struct service *service;
	struct server_routes routes;
};

static int
fits(const struct server_route *route, const char *target)
{
	size_t len = uri_path_len(target), n = strlen(route->path);

	switch (route->match) {
	case SERVER_IS:
		return len == n && memcmp(target, route->path, n) == 0;
	case SERVER_ENDS:
		return len >= n &&
		    memcmp(target + len - n, route->path, n) == 0;
	case SERVER_HOLDS:
		return memmem(target, len, route->path, n) != NULL;
	case SERVER_ANY:
		return 1;
	}
	must(!"a way to compare paths");
	return 0;
}

static enum MHD_Result
answer_read(const struct server_route *route, struct exchange *x)
{
	struct request request = exchange_request(x, NULL);
	struct reply reply;

	if (x->cors.verdict == CORS_REFUSED)
		return exchange_problem(x, PROBLEM_ORIGIN_NOT_ALLOWED);
	if (request_is_preflight(&request)) {
		reply = reply_preflight();
		return exchange_reply(x, &reply);
	}
	if (!exchange_is_get(x))
		return exchange_problem(x, PROBLEM_METHOD_NOT_ALLOWED);
	return route->answer(x);
}

/*
 * A front's connections have no address, so the requests in progress of its
 * client count in their place.
 */
static int
take_connection(struct exchange *x)
{
	if (!x->service->proxied)
		return 0;
	x->counted =
	    connection_quota_take(x->service->connections, x->address) == 0;
	return x->counted ? 0 : -1;
}

/* Operators can ask how the service is, whatever strangers do. */
static enum problem
allowance(const struct server_route *route, struct exchange *x)
{
	if (route->match == SERVER_IS)
		return PROBLEM_NONE;
	if (take_connection(x) != 0)
		return PROBLEM_RATE_LIMITED;
	return request_quota_take(x->service->requests, x->address);
}

/* Replaces a short address by the target that it stands for. */
static void
expand(struct exchange *x)
{
	struct request request = exchange_request(x, NULL);
	struct buf target = BUF_INIT;

	if (mount_expand(&request, &target)) {
		free(x->target);
		x->target = must_copy(buf_str(&target));
	}
	buf_done(&target);
}

static enum MHD_Result
answer(struct exchange *x)
{
	const struct settings *settings = x->service->settings;
	const struct server_routes *routes = x->service->routes;

	exchange_read_headers(x);
	expand(x);
	x->address = client_addr_key(x);
	x->cors = cors_judge(settings->cors_origins, &x->headers);
	for (size_t i = 0; i < routes->n; i++) {
		const struct server_route *route = &routes->all[i];
		enum problem problem;

		if (!fits(route, x->target))
			continue;
		problem = allowance(route, x);
		if (problem != PROBLEM_NONE)
			return exchange_problem(x, problem);
		return route->kind == SERVER_READS ? answer_read(route, x) :
						     route->answer(x);
	}
	return exchange_problem(x, PROBLEM_NOT_FOUND);
}

static void
normalize(struct exchange *x)
{
	struct buf target = BUF_INIT;

	uri_add_normal(&target, x->target);
	free(x->target);
	x->target = must_copy(buf_str(&target));
	buf_done(&target);
}

/* PROBLEM_NONE: every parser reads the request the same way. */
static enum problem
check(struct exchange *x, const char *version)
{
	enum problem problem =
	    request_check(x->connection, x->target, x->method, version);

	normalize(x);
	if (problem == PROBLEM_NONE && uri_check(x->target) != 0)
		problem = PROBLEM_MALFORMED_REQUEST;
	return problem;
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **context)
{
	const struct server *server = arg;
	struct exchange *x = *context;
	enum problem problem;

	(void)url;
	x->connection = connection;
	x->method = method;
	x->version = version;
	if (!x->checked) {
		x->checked = 1;
		problem = check(x, version);
		return problem == PROBLEM_NONE ? MHD_YES :
						 exchange_problem(x, problem);
	}
	if (*size > 0) {
		size_t room = REQUEST_BODY_MAX + 1 - x->body.len;

		x->arrived += *size;
		if (x->arrived > BODY_READ_MAX)
			return MHD_NO;

		http_connection_add_body(http_connection_of(connection), *size);
		buf_add(&x->body, data, *size < room ? *size : room);
		*size = 0;
		return MHD_YES;
	}
	x->deadline = http_connection_deadline(http_connection_of(connection));
	deadline_rest(server->service->deadlines, x->deadline);
	return parking_answer(x, answer);
}

/* Keeps the raw target: libmicrohttpd's own is decoded and cut at %00. */
static void *
begin(void *arg, const char *uri, struct MHD_Connection *connection)
{
	struct server *server = arg;

	(void)connection;
	atomic_fetch_add(&server->service->begun, 1);
	return exchange_open(server->service, uri);
}

static void
completed(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;
	struct service *service = ((struct server *)arg)->service;
	struct http_connection *c = http_connection_of(connection);

	if (x != NULL)
		parking_give_up(x);
	if (c != NULL) {
		deadline_begin(service->deadlines, http_connection_deadline(c));
		http_connection_next(c, connection);
	}
	if (x == NULL)
		return;
	if (why != MHD_REQUEST_TERMINATED_COMPLETED_OK && x->handed != NULL) {
		catchup_post_unheard(service->store, x->handed);
		x->handed = NULL;
	}
	if (x->counted)
		connection_quota_give(service->connections, x->address);
	exchange_close(x);
	atomic_fetch_sub(&service->begun, 1);
	*context = NULL;
}

static uint64_t
client_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info != NULL ? client_addr_key_of(info->client_addr) : 0;
}

static void
connection(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct server *server = arg;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		http_connection_close(*context);
		*context = NULL;
		acceptor_left(server->acceptor, client_of(c));
		return;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*context =
	    http_connection_open(info->connect_fd, server->service->deadlines);
}

/*
 * Logs libmicrohttpd's reports, except for the message that it gives whenever a
 * socket is handed over to the hub.
 */
static void
note(void *arg, const char *fmt, va_list ap)
{
	static const char handed_over[] = "application reported internal error";
	char line[256];
	size_t len;

	(void)arg;
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	len = strcspn(line, "\n");
	line[len] = '\0';
	if (strstr(line, handed_over) == NULL)
		log_line(LOG_DEBUG, "libmicrohttpd", "says=\"%s\"", line);
}

/*
 * A request that waits does not keep its thread, so more threads than
 * processors would only wake each other.
 */
static unsigned
count_threads(const struct settings *s)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	long most = processors > THREADS_MIN ? processors : THREADS_MIN;

	if (s->threads >= most)
		return (unsigned)most;
	return s->threads > THREADS_MIN ? (unsigned)s->threads : THREADS_MIN;
}

static struct MHD_Daemon *
start(struct server *server)
{
	unsigned threads = count_threads(server->service->settings);

	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO |
		MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
		MHD_USE_ERROR_LOG,
	    0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, note,
	    NULL, MHD_OPTION_THREAD_POOL_SIZE, threads,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT,
	    acceptor_limit(server->acceptor, threads),
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin,
	    server, MHD_OPTION_NOTIFY_COMPLETED, completed, server,
	    MHD_OPTION_NOTIFY_CONNECTION, connection, server, MHD_OPTION_END);
}

struct server *
server_start(struct service *service, const struct server_routes *routes,
    const char *fallback)
{
	const char *address = service->settings->listen[0] != '\0' ?
	    service->settings->listen :
	    fallback;
	struct listening listening;
	struct server *server;

	if (listen_on(address, &listening) != 0)
		return NULL;
	service->proxied = listening.is_unix;
	server = must_alloc(sizeof(*server));
	server->service = service;
	server->routes = *routes;
	service->routes = &server->routes;
	server->acceptor = acceptor_make(
	    (unsigned)service->capacity.connections, service->connections);
	service->reuse = acceptor_reuse(server->acceptor);
	server->daemon = start(server);
	if (server->daemon == NULL) {
		log_error("http cannot start; try fewer --threads",
		    "address=%s", address);
		listen_close(&listening);
		acceptor_free(server->acceptor);
		free(server);
		return NULL;
	}
	acceptor_open(server->acceptor, server->daemon, &listening);
	listen_tell(&listening, address);
	return server;
}

/* Requests in progress end soon: each has a deadline. */
static void
wait_for_begun(struct service *service)
{
	int64_t until = clock_lease() +
	    shutdown_share(service->settings, SHUTDOWN_REQUESTS);

	while (atomic_load(&service->begun) > 0 && clock_lease() < until)
		(void)poll(NULL, 0, LOOK_MS);
}

void
server_stop(struct server *server)
{
	if (server == NULL)
		return;
	acceptor_close(server->acceptor);
	wait_for_begun(server->service);
	parking_close(server->service);
	MHD_stop_daemon(server->daemon);
	acceptor_free(server->acceptor);
	free(server);
}
