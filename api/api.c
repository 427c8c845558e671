#include "api/api.h"

#include <errno.h>
#include <limits.h>
#include <strings.h>

#include "api/access.h"
#include "api/http/body.h"
#include "api/auth_cache.h"
#include "api/http/media.h"
#include "api/request_maintenance.h"
#include "db/base/must.h"
#include "api/http/uri.h"
#include "db/rows/users.h"

static const struct route routes[] = {
#define ROUTE(method, path, who, body, fn) \
	{ METHOD_##method, path, WHO_##who, body, fn },
#define ALSO(method, path, how, who)
#include "api/routes.def"
#undef ALSO
#undef ROUTE
};

/* Of a body that a route does not need: {} in any writing. */
enum { BODYLESS_MAX = 1024 };
enum { MS_PER_S = 1000 };
enum { N_ROUTES = sizeof(routes) / sizeof(routes[0]) };

static const char *const methods[] = {
	[METHOD_GET] = "GET",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE",
	[METHOD_HEAD] = "HEAD",
	[METHOD_OPTIONS] = "OPTIONS",
};

/* What may stand in a path: what we have made needs no escapes. */
enum param_form { PARAM_PLAIN, PARAM_ESCAPED, PARAM_DIGITS };
static const struct {
	const char *name;
	enum param_form form;
	size_t max; /* bytes in the path */
} param_kinds[N_PARAMS] = {
	[PARAM_ROOM] = { ":room", PARAM_PLAIN, CONN_MAX },
	[PARAM_CHATTER] = { ":chatter", PARAM_PLAIN, CONN_MAX },
	[PARAM_MESSAGE] = { ":message", PARAM_PLAIN, CONN_MAX },
	[PARAM_CONN] = { ":conn", PARAM_PLAIN, CONN_MAX },
	[PARAM_USER] = { ":user", PARAM_ESCAPED, 3 * (size_t)PARAM_MAX },
	/* A number, so that the names beside it are none. */
	[PARAM_NOTIFICATION] = { ":notification", PARAM_DIGITS, 18 },
};

static const char prefix[] = "/api/v1";

enum method
method_read(const char *text)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(text, methods[i]) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

/* The path beneath the API in TARGET, whatever folder it lies in; or NULL. */
static const char *
beneath(const char *target)
{
	size_t len = uri_path_len(target), n = sizeof(prefix) - 1;
	static const char events[] = "/events";

	for (size_t i = 0; i + n < len; i++)
		if (memcmp(target + i, prefix, n) == 0 && target[i + n] == '/')
			return target + i + n;
	n = sizeof(events) - 1;
	if (len >= n && memcmp(target + len - n, events, n) == 0)
		return target + len - n;
	return NULL;
}

int
api_owns(const char *target)
{
	return beneath(target) != NULL;
}

static int
segment_is(const char *text, size_t len, const char *what)
{
	return strlen(what) == len && memcmp(text, what, len) == 0;
}

static int
param_fits(enum param_form form, const char *path, size_t len)
{
	switch (form) {
	case PARAM_PLAIN:
		return memchr(path, '%', len) == NULL;
	case PARAM_DIGITS:
		return strspn(path, "0123456789") == len;
	case PARAM_ESCAPED:
		return 1;
	}
	must(!"a parameter's form");
	return 0;
}

/* Keeps the segment of PATH that stands for the parameter NAME. */
static int
keep(struct call *call, const char *name, size_t name_len, const char *path,
    size_t len)
{
	struct buf value = BUF_INIT;
	int i = 0, ok;

	while (!segment_is(name, name_len, param_kinds[i].name))
		must(++i < N_PARAMS);
	if (len == 0 || len > param_kinds[i].max ||
	    !param_fits(param_kinds[i].form, path, len))
		return 0;
	ok = uri_segment(path, len, &value) == URI_OK && value.len <= PARAM_MAX;
	if (ok)
		memcpy(call->params[i], buf_str(&value), value.len + 1);
	buf_done(&value);
	return ok;
}

/* Whether PATH is of the form of PATTERN; its parameters go to CALL. */
static int
fits(struct call *call, const char *pattern, const char *path)
{
	const char *end = path + uri_path_len(path);

	while (*pattern == '/' && path < end && *path == '/') {
		size_t want = strcspn(++pattern, "/");
		size_t have = strcspn(++path, "/?");

		if (*pattern == ':') {
			if (!keep(call, pattern, want, path, have))
				return 0;
		} else if (want != have || memcmp(pattern, path, want) != 0)
			return 0;
		pattern += want;
		path += have;
	}
	return *pattern == '\0' && path == end;
}

static struct reply
not_allowed(struct call *call, const char *path)
{
	struct reply r = reply_problem(PROBLEM_METHOD_NOT_ALLOWED);

	for (size_t i = 0; i < N_ROUTES; i++)
		if (fits(call, routes[i].path, path))
			buf_addf(&r.allow, "%s%s", r.allow.len > 0 ? ", " : "",
			    methods[routes[i].method]);
	return r;
}

/* The route of PATH; *FOUND: some method has that path. */
static const struct route *
find(struct call *call, const char *path, int *found)
{
	enum method method = call->request->method;

	if (method == METHOD_HEAD)
		method = METHOD_GET;
	*found = 0;
	for (size_t i = 0; i < N_ROUTES; i++) {
		if (!fits(call, routes[i].path, path))
			continue;
		*found = 1;
		if (routes[i].method == method)
			return &routes[i];
	}
	return NULL;
}

/*
 * A form on another site can send neither JSON nor a header of ours: whoever
 * sends one of them is a program of ours or was allowed by CORS.  A cookie
 * comes along by itself, and proves nothing of that kind.
 */
static int
is_form(const struct call *call)
{
	const struct request *r = call->request;

	return (!call->known || call->caller.by_cookie) &&
	    r->parlor_request == NULL && !media_is_json(r->content_type);
}

static enum problem
check_body(struct call *call, const struct route *route)
{
	const struct request *r = call->request;
	int writes = route->method != METHOD_GET;
	size_t most = route->body > 0 ? route->body : BODYLESS_MAX;

	/* A body says nothing to GET (RFC 9110 section 9.3.1). */
	if (!writes)
		return PROBLEM_NONE;
	if (r->len > most)
		return PROBLEM_BODY_TOO_LARGE;
	if (r->len == 0 && is_form(call))
		return PROBLEM_UNSUPPORTED_MEDIA_TYPE;
	if (r->len > 0 &&
	    (!media_is_json(r->content_type) ||
		!media_is_identity(r->content_encoding)))
		return PROBLEM_UNSUPPORTED_MEDIA_TYPE;
	return route->body > 0 ? body_parse(call) : body_parse_empty(call);
}

static enum db_rc
know(struct db *db, void *arg)
{
	return access_check(db, arg);
}

/* One transaction knows all; a bad body comes between who and where. */
static enum problem
check(struct call *call, const struct route *route)
{
	struct access a = { .call = call };
	enum problem problem;
	enum db_rc rc = DB_OK;

	call->deferred = route->who == WHO_SENDER &&
	    call->caller.text != NULL &&
	    auth_cache_has(&call->caller, call->params[PARAM_ROOM]);
	call->known = call->deferred;
	if (!call->deferred)
		rc = db_read(call->db, know, &a);
	if (rc == DB_CONFLICT) {
		rc = credentials_meet(call->db, &call->caller);
		if (rc == DB_OK)
			rc = db_read(call->db, know, &a);
	}
	if (rc != DB_OK)
		return problem_of(rc, PROBLEM_NONE);
	if (a.person != PROBLEM_NONE)
		return a.person;
	problem = check_body(call, route);
	return problem != PROBLEM_NONE ? problem : a.place;
}

/* How the call of a sender ended. */
static void
remember(const struct call *call, int status)
{
	const char *room = call->params[PARAM_ROOM];

	if (status == 200 || status == 201)
		auth_cache_note(&call->caller, room);
	else if (call->deferred)
		auth_cache_forget(&call->caller, room);
}

static struct reply
refused(const struct call *call, enum problem problem)
{
	struct reply reply;

	/* A body where none is needed has no known members; name one. */
	if (problem == PROBLEM_INVALID_FIELDS &&
	    !body_take_object(call->body, NULL, 0, NULL, &reply))
		return reply;
	return reply_problem(problem);
}

static struct reply
run(struct call *call, const struct route *route)
{
	const struct request *r = call->request;
	struct credentials sent = { .token = credentials_bearer(
					r->authorization, r->parlor_token),
		.cookie = call->cors.cookie ? r->cookie : NULL };
	enum problem problem = PROBLEM_BUSY;
	struct reply reply;

	credentials_read(&sent, &call->caller);
	call->db = store_db(call->api->store);
	if (call->db != NULL) {
		if (!call->api->reaped)
			request_maintenance(call->db, call->api->settings);
		db_freeing(call->db, route->method == METHOD_DELETE);
		problem = check(call, route);
	}
	reply =
	    problem == PROBLEM_NONE ? route->fn(call) : refused(call, problem);
	if (call->wait > 0)
		reply.retry_after =
		    (int)((call->wait + MS_PER_S - 1) / MS_PER_S);
	if (route->who == WHO_SENDER)
		remember(call, reply.status);
	json_decref(call->body);
	store_rest(call->api->store);
	return reply;
}

/* What a page of another site asks before it does more than a form could. */
static struct reply
preflight(void)
{
	struct reply r = reply_empty(204);

	r.preflight = 1;
	return r;
}

static struct reply
route_to(struct call *call)
{
	const struct request *request = call->request;
	const struct route *route;
	const char *path;
	int found;

	if (uri_check(request->target) != 0)
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	call->query = uri_query(request->target);
	path = beneath(request->target);
	if (path == NULL)
		return reply_problem(PROBLEM_NOT_FOUND);
	if (call->cors.verdict == CORS_REFUSED)
		return reply_problem(PROBLEM_ORIGIN_NOT_ALLOWED);
	route = find(call, path, &found);
	if (!found)
		return reply_problem(PROBLEM_NOT_FOUND);
	if (request->method == METHOD_OPTIONS && request->preflight != NULL)
		return preflight();
	if (route == NULL)
		return not_allowed(call, path);
	/* What an attempt at another route has left behind. */
	memset(call->params, 0, sizeof(call->params));
	must(fits(call, route->path, path));
	call->route = route;
	return run(call, route);
}

struct reply
api_handle(const struct api *api, const struct request *request)
{
	struct request normal = *request;
	struct call call = { .api = api, .request = &normal };
	struct buf target = BUF_INIT;
	struct reply reply;

	uri_add_normal(&target, request->target);
	normal.target = buf_str(&target);
	call.cors = cors_judge(api->settings->cors_origins, &request->from);
	reply = route_to(&call);
	reply.cors = call.cors;
	reply.cors.asked = request->preflight_headers;
	buf_done(&target);
	return reply;
}

struct buf
api_folder(const struct request *request)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/%";
	const char *target = request->target;
	size_t len = (size_t)(beneath(target) - target);
	struct buf folder = BUF_INIT;

	must(len >= sizeof(prefix) - 1);
	len -= sizeof(prefix) - 1;
	if (strspn(target, plain) >= len)
		buf_add(&folder, target, len);
	buf_addc(&folder, '/');
	return folder;
}

int
call_number(const struct call *call, const char *name, int64_t min, int64_t max,
    int64_t *value)
{
	struct buf text = BUF_INIT;
	enum uri_rc rc = uri_param(call->query, name, &text);
	const char *p = buf_str(&text);
	int ok = rc == URI_NONE;
	long long n;

	if (rc == URI_OK && *p != '\0' && p[strspn(p, "0123456789")] == '\0') {
		errno = 0;
		n = strtoll(p, NULL, 10);
		ok = errno == 0 && n >= min && n <= max;
		if (ok)
			*value = n;
	}
	buf_done(&text);
	return ok ? 0 : -1;
}
