#include "poller/server.h"

#include <poll.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "api/http/uri.h"
#include "api/feed/catchup.h"
#include "db/engine/migrations.h"
#include "db/engine/storage.h"
#include "poller/acceptor.h"
#include "poller/rest_bridge.h"
#include "poller/shutdown.h"
#include "poller/request_check.h"
#include "poller/listen.h"
#include "poller/metrics.h"
#include "poller/events_route.h"

enum {
	CONNECTION_MEMORY = 12 * 1024, /* a request's headers fit in that */
	LOOK_MS = 5,
	IDLE_SECONDS = 30, /* a kept connection without a request */
	CONNECTIONS_MAX = 4096,
	DESCRIPTORS_KEPT = 256 /* for the store, the hub and logs */
};

struct server {
	struct MHD_Daemon *daemon;
	struct acceptor *door;
	struct service *service;
};

typedef enum MHD_Result (*answer_fn)(struct exchange *);

static enum MHD_Result health(struct exchange *);
static enum MHD_Result metrics(struct exchange *);

/*
 * Paths of the poller's own.  A front may put a folder before the one that is
 * the visitors'; what is the operator's it cannot reach by chance.
 */
static const struct {
	const char *path;
	int in_any_folder;
	answer_fn fn;
} routes[] = {
	{ "/events", 1, events_route_answer },
	{ "/health", 0, health },
	{ "/metrics", 0, metrics },
};

enum { N_ROUTES = sizeof(routes) / sizeof(routes[0]) };

static enum MHD_Result
health(struct exchange *x)
{
	struct db *db = store_db(x->service->store);
	struct buf body = BUF_INIT;
	enum storage storage;

	if (db == NULL)
		return server_problem(x, PROBLEM_BUSY);
	storage = store_probe(db);
	store_rest(x->service->store);
	buf_addf(&body,
	    "{\"status\":\"%s\",\"storage\":\"%s\",\"schema\":%d,"
	    "\"streams\":%lld}",
	    storage == STORAGE_OK ? "ok" : "degraded", storage_name(storage),
	    store_schema, (long long)stream_quota_total(x->service->caps));
	return server_reply(x,
	    storage == STORAGE_OK ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
	    "application/json", &body);
}

static enum MHD_Result
metrics(struct exchange *x)
{
	struct buf body = BUF_INIT;

	metrics_add(x->service, &body);
	return server_reply(x, MHD_HTTP_OK, "text/plain; version=0.0.4", &body);
}

const char *
server_header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(
	    x->connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result
add_accept(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct buf *all = arg;

	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_ACCEPT) == 0)
		buf_addf(all, "%s%s", all->len > 0 ? ", " : "",
		    value != NULL ? value : "");
	return MHD_YES;
}

const char *
server_accept(struct exchange *x)
{
	buf_clear(&x->accept);
	(void)MHD_get_connection_values(
	    x->connection, MHD_HEADER_KIND, add_accept, &x->accept);
	return x->accept.len > 0 ? buf_str(&x->accept) : NULL;
}

struct cors_request
server_origin(const struct exchange *x)
{
	return (struct cors_request){ server_header(x, "Origin"),
		server_header(x, "Host"), server_header(x, "X-Forwarded-Host"),
		server_header(x, "Sec-Fetch-Site") };
}

void
server_add_header(void *arg, const char *name, const char *value)
{
	must(MHD_add_response_header(arg, name, value) == MHD_YES);
}

enum MHD_Result
server_queue(const struct exchange *x, int status, struct MHD_Response *r)
{
	enum MHD_Result rc;

	(void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
	cors_headers(&x->cors, server_add_header, r);
	rc = MHD_queue_response(x->connection, (unsigned)status, r);
	MHD_destroy_response(r);
	return rc;
}

/* What no page shows and nobody keeps. */
static void
add_private(struct MHD_Response *r)
{
	(void)MHD_add_response_header(r, "Cache-Control", "no-store");
	(void)MHD_add_response_header(r, "Content-Security-Policy",
	    "default-src 'none'; frame-ancestors 'none'");
}

enum MHD_Result
server_reply(
    const struct exchange *x, int status, const char *type, struct buf *body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
	    body->len, body->p, MHD_RESPMEM_MUST_FREE);

	must(r != NULL);
	*body = (struct buf)BUF_INIT;
	(void)MHD_add_response_header(r, "Content-Type", type);
	add_private(r);
	return server_queue(x, status, r);
}

enum MHD_Result
server_problem(const struct exchange *x, enum problem problem)
{
	int status = problem_status(problem);
	struct buf body = BUF_INIT;
	struct MHD_Response *r;
	char seconds[16];

	problem_add_json(problem, &body);
	r = MHD_create_response_from_buffer(
	    body.len, body.p, MHD_RESPMEM_MUST_FREE);
	must(r != NULL);
	(void)MHD_add_response_header(r, "Content-Type", PROBLEM_TYPE);
	add_private(r);
	if (status == MHD_HTTP_UNAUTHORIZED)
		(void)MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, "Allow", "GET");
	if (problem_retry_after(problem) > 0) {
		(void)snprintf(seconds, sizeof(seconds), "%d",
		    problem_retry_after(problem));
		(void)MHD_add_response_header(r, "Retry-After", seconds);
	}
	if (problem == PROBLEM_MALFORMED_REQUEST)
		(void)MHD_add_response_header(r, "Connection", "close");
	return server_queue(x, status, r);
}

static int
is_at(const char *target, const char *path, int in_any_folder)
{
	size_t len = uri_path_len(target), n = strlen(path);

	return (in_any_folder ? len >= n : len == n) &&
	    memcmp(target + len - n, path, n) == 0;
}

/* Before a page of another site does more than it could by a form. */
static enum MHD_Result
preflight(struct exchange *x)
{
	struct MHD_Response *r =
	    MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	must(r != NULL);
	x->cors.asked = server_header(x, "Access-Control-Request-Headers");
	cors_preflight(&x->cors, server_add_header, r);
	return server_queue(x, MHD_HTTP_NO_CONTENT, r);
}

static int
is_preflight(const struct exchange *x)
{
	return strcmp(x->method, MHD_HTTP_METHOD_OPTIONS) == 0 &&
	    server_header(x, "Access-Control-Request-Method") != NULL;
}

static enum MHD_Result
answer(struct exchange *x)
{
	struct cors_request from = server_origin(x);

	if (x->service->embed != NULL && rest_bridge_owns(x->target))
		return rest_bridge_answer(x->service->embed, x);
	x->cors = cors_judge(x->service->settings->cors_origins, &from);
	for (int i = 0; i < N_ROUTES; i++) {
		if (!is_at(x->target, routes[i].path, routes[i].in_any_folder))
			continue;
		if (x->cors.verdict == CORS_REFUSED)
			return server_problem(x, PROBLEM_ORIGIN_NOT_ALLOWED);
		if (is_preflight(x))
			return preflight(x);
		if (strcmp(x->method, MHD_HTTP_METHOD_GET) != 0 &&
		    strcmp(x->method, MHD_HTTP_METHOD_HEAD) != 0)
			return server_problem(x, PROBLEM_METHOD_NOT_ALLOWED);
		return routes[i].fn(x);
	}
	if (x->service->embed != NULL)
		return rest_bridge_file(x->service->embed, x);
	return server_problem(x, PROBLEM_NOT_FOUND);
}

static struct deadline *
deadline_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void
normalise(struct exchange *x)
{
	struct buf target = BUF_INIT;

	uri_add_normal(&target, x->target);
	free(x->target);
	x->target = must_copy(buf_str(&target));
	buf_done(&target);
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **context)
{
	struct exchange *x = *context;
	enum problem problem;

	(void)arg;
	(void)url;
	(void)version;
	x->connection = connection;
	x->method = method;
	if (!x->gated) {
		x->gated = 1;
		problem = request_check(connection, x->target, method, version);
		normalise(x);
		if (problem == PROBLEM_NONE && uri_check(x->target) != 0)
			problem = PROBLEM_MALFORMED_REQUEST;
		return problem == PROBLEM_NONE ? MHD_YES :
						 server_problem(x, problem);
	}
	if (*size > 0) {
		size_t room = x->body_max - x->body.len;

		buf_add(&x->body, data, *size < room ? *size : room);
		*size = 0;
		return MHD_YES;
	}
	deadline_rest(x->service->deadlines, deadline_of(connection));
	return answer(x);
}

/* Our own reading of the target: libmicrohttpd's is decoded, and cut at %00. */
static void *
begin(void *arg, const char *uri, struct MHD_Connection *connection)
{
	struct service *service = arg;
	struct exchange *x = must_alloc(sizeof(*x));

	(void)connection;
	x->service = service;
	x->target = must_copy(uri);
	x->body_max = rest_bridge_body_max() + 1;
	atomic_fetch_add(&service->begun, 1);
	return x;
}

static void
completed(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;
	struct service *service = arg;

	if (deadline_of(connection) != NULL)
		deadline_begin(service->deadlines, deadline_of(connection));
	if (x == NULL)
		return;
	if (why != MHD_REQUEST_TERMINATED_COMPLETED_OK && x->handed != NULL)
		catchup_unheard(store_db(service->store), x->handed);
	free(x->handed);
	atomic_fetch_sub(&service->begun, 1);
	buf_done(&x->body);
	buf_done(&x->accept);
	free(x->target);
	free(x);
	*context = NULL;
}

static void
connection(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct server *h = arg;
	struct deadlines *deadlines = h->service->deadlines;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context != NULL)
			deadline_remove(deadlines, *context);
		*context = NULL;
		acceptor_left(h->door);
		return;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*context = deadline_add(deadlines, info->connect_fd);
}

/*
 * Handing a socket over ends its connection for libmicrohttpd, which it says
 * in these words each time; everything else is the operator's to know.
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

/* Connections of libmicrohttpd's own; streams are not among them. */
static unsigned
connection_limit(const struct settings *s)
{
	struct rlimit limit;
	rlim_t left;

	must(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	if (limit.rlim_cur <= (rlim_t)s->streams_max + 2 * DESCRIPTORS_KEPT)
		left = limit.rlim_cur / 4;
	else
		left =
		    limit.rlim_cur - (rlim_t)s->streams_max - DESCRIPTORS_KEPT;
	if (left < (rlim_t)s->threads)
		left = (rlim_t)s->threads;
	return left < CONNECTIONS_MAX ? (unsigned)left : CONNECTIONS_MAX;
}

static struct MHD_Daemon *
start(struct server *h)
{
	struct service *service = h->service;
	const struct settings *s = service->settings;
	unsigned threads = s->threads > 1 ? (unsigned)s->threads : 2;

	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO |
		MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, handle, service, MHD_OPTION_EXTERNAL_LOGGER, note,
	    NULL, MHD_OPTION_THREAD_POOL_SIZE, threads,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, acceptor_limit(h->door, threads),
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin,
	    service, MHD_OPTION_NOTIFY_COMPLETED, completed, service,
	    MHD_OPTION_NOTIFY_CONNECTION, connection, h, MHD_OPTION_END);
}

struct server *
server_start(struct service *service, const char *fallback)
{
	const char *address = service->settings->listen[0] != '\0' ?
	    service->settings->listen :
	    fallback;
	struct listening listening;
	struct server *h;

	if (listen_on(address, &listening) != 0)
		return NULL;
	service->proxied = listening.is_unix;
	h = must_alloc(sizeof(*h));
	h->service = service;
	h->door = acceptor_make(connection_limit(service->settings));
	h->daemon = start(h);
	if (h->daemon == NULL) {
		log_error("http cannot start; try fewer --threads",
		    "address=%s", address);
		listen_close(&listening);
		acceptor_free(h->door);
		free(h);
		return NULL;
	}
	acceptor_open(h->door, h->daemon, &listening);
	listen_tell(&listening, address);
	return h;
}

/* What has begun ends soon: each request has a deadline. */
static void
wait_for_begun(struct service *service)
{
	int64_t until = clock_lease() +
	    shutdown_share(service->settings, SHUTDOWN_REQUESTS);

	while (atomic_load(&service->begun) > 0 && clock_lease() < until)
		(void)poll(NULL, 0, LOOK_MS);
}

void
server_stop(struct server *h)
{
	if (h == NULL)
		return;
	acceptor_close(h->door);
	wait_for_begun(h->service);
	MHD_stop_daemon(h->daemon);
	acceptor_free(h->door);
	free(h);
}
