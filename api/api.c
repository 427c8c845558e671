#include "api/api.h"

#include "api/access.h"
#include "api/call.h"
#include "api/feed/catchup.h"
#include "api/http/body.h"
#include "api/http/media.h"
#include "api/http/mount.h"
#include "api/http/uri.h"
#include "api/request_maintenance.h"
#include "api/router.h"
#include "db/base/must.h"

/* The longest body for a route that takes none: {} with white space. */
enum { BODYLESS_MAX = 1024 };
enum { MS_PER_S = 1000 };

/*
 * A form on another site can send neither JSON nor a header of ours.  A request
 * with either comes from a program, or from a page that CORS allows.  A cookie
 * proves nothing: the browser adds it to a form's request as well.
 */
static int
is_form(const struct call *call)
{
	const struct request *r = call->request;

	return (!call->known || call->caller.by_cookie) &&
	    r->headers.parlor_request == NULL &&
	    !media_is_json(r->headers.content_type);
}

/* The handler reads the text. */
static enum problem
check_text(const struct request *r)
{
	return media_is_multipart(r->headers.content_type) ||
		!media_is_identity(r->headers.content_encoding) ?
	    PROBLEM_NOT_TEXT :
	    PROBLEM_NONE;
}

static enum problem
check_body(struct call *call, const struct route *route)
{
	const struct request *r = call->request;
	int writes = route->method != METHOD_GET;
	size_t most = route->body > 0 ? route->body : BODYLESS_MAX;

	/* The body of a GET has no meaning (RFC 9110 section 9.3.1). */
	if (!writes)
		return PROBLEM_NONE;
	if (r->len > most)
		return PROBLEM_BODY_TOO_LARGE;
	if (router_takes_text(route))
		return check_text(r);
	if (r->len == 0 && is_form(call))
		return PROBLEM_UNSUPPORTED_MEDIA_TYPE;
	if (r->len > 0 &&
	    (!media_is_json(r->headers.content_type) ||
		!media_is_identity(r->headers.content_encoding)))
		return PROBLEM_UNSUPPORTED_MEDIA_TYPE;
	return route->body > 0 ? body_parse(r, &call->body) :
				 body_parse_empty(r, &call->body);
}

/* In this order: the caller, the body, the caller's rights. */
static enum problem
check(struct call *call)
{
	struct access a = { .call = call };
	enum db_rc rc = access_check(&a);
	enum problem problem;

	if (rc != DB_OK)
		return problem_of(rc, PROBLEM_NONE);
	if (a.person != PROBLEM_NONE)
		return a.person;
	problem = check_body(call, call->route);
	return problem != PROBLEM_NONE ? problem : a.place;
}

static struct reply
refused(const struct call *call, enum problem problem)
{
	struct reply reply;

	/* A route without a body has no fields; name a member that was sent. */
	if (problem == PROBLEM_INVALID_FIELDS &&
	    !body_take(call->body, NULL, 0, NULL, &reply))
		return reply;
	return reply_problem(problem);
}

static struct reply
run(const struct api *api, struct call *call)
{
	const struct route *route = call->route;
	struct credentials sent =
	    credentials_of(&call->request->headers, &call->cors);
	enum problem problem = PROBLEM_BUSY;
	struct reply reply;

	if (router_takes_text(route))
		sent.cookie = NULL;
	credentials_read(&sent, &call->caller);
	call->db = store_db(api->store);
	if (call->db != NULL) {
		if (!api->reaped)
			request_maintenance(call->db, api->settings);
		db_freeing(call->db, route->method == METHOD_DELETE);
		problem = check(call);
	}
	reply =
	    problem == PROBLEM_NONE ? route->fn(call) : refused(call, problem);
	if (call->wait > 0)
		reply.retry_after =
		    (int)((call->wait + MS_PER_S - 1) / MS_PER_S);
	access_end(call, reply.status);
	json_decref(call->body);
	store_rest(api->store);
	return reply;
}

static struct reply
not_allowed(const char *path)
{
	struct reply r = reply_problem(PROBLEM_METHOD_NOT_ALLOWED);

	router_add_methods(&r.allow, path);
	return r;
}

static struct reply
route_to(const struct api *api, struct call *call)
{
	const struct request *request = call->request;
	const char *path;
	int known;

	call->query = uri_query(request->target);
	path = mount_path(request->target);
	if (path == NULL)
		return reply_problem(PROBLEM_NOT_FOUND);
	if (call->cors.verdict == CORS_REFUSED)
		return reply_problem(PROBLEM_ORIGIN_NOT_ALLOWED);
	if (api->store == NULL)
		return reply_problem(PROBLEM_NOT_SET_UP);
	call->route = router_find(call, path, &known);
	if (!known)
		return reply_problem(PROBLEM_NOT_FOUND);
	if (request_is_preflight(request))
		return reply_preflight();
	return call->route != NULL ? run(api, call) : not_allowed(path);
}

struct reply
api_handle_normal(const struct api *api, const struct request *request)
{
	struct call call = { .settings = api->settings, .request = request };
	struct reply reply;

	call.cors = cors_judge(api->settings->cors_origins, &request->headers);
	reply = route_to(api, &call);
	reply.cors = call.cors;
	return reply;
}

struct reply
api_handle(const struct api *api, const struct request *request)
{
	struct request normal = *request;
	struct buf target = BUF_INIT, alias = BUF_INIT;
	struct reply reply;

	uri_add_normal(&target, request->target);
	normal.target = buf_str(&target);
	if (uri_check(normal.target) == 0) {
		if (mount_expand(&normal, &alias))
			normal.target = buf_str(&alias);
		reply = api_handle_normal(api, &normal);
	} else {
		reply = reply_problem(PROBLEM_MALFORMED_REQUEST);
		reply.cors =
		    cors_judge(api->settings->cors_origins, &request->headers);
	}
	buf_done(&target);
	buf_done(&alias);
	return reply;
}

void
api_unsent(const struct api *api, const struct reply *reply)
{
	if (reply->handed != NULL)
		catchup_unheard(store_db(api->store), reply->handed);
}
