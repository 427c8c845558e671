#include "api/http/reply.h"

#include <stdio.h>

#include "db/base/must.h"

void
reply_done(struct reply *r)
{
	buf_done(&r->body);
	buf_done(&r->location);
	buf_done(&r->allow);
	buf_done(&r->set_cookie);
	free(r->handed);
	r->handed = NULL;
}

static void
each(const struct buf *value, const char *name, header_fn fn, void *arg)
{
	if (value->len > 0)
		fn(arg, name, buf_str(value));
}

void
reply_secure_headers(header_fn fn, void *arg)
{
	fn(arg, "X-Content-Type-Options", "nosniff");
	fn(arg, "Referrer-Policy", "no-referrer");
}

void
reply_data_headers(header_fn fn, void *arg)
{
	reply_secure_headers(fn, arg);
	fn(arg, "Content-Security-Policy",
	    "default-src 'none'; frame-ancestors 'none'");
}

void
reply_headers(const struct reply *r, header_fn fn, void *arg)
{
	char seconds[16];

	if (r->type != NULL)
		fn(arg, "Content-Type", r->type);
	each(&r->location, "Location", fn, arg);
	each(&r->allow, "Allow", fn, arg);
	each(&r->set_cookie, "Set-Cookie", fn, arg);
	if (r->retry_after > 0) {
		(void)snprintf(seconds, sizeof(seconds), "%d", r->retry_after);
		fn(arg, "Retry-After", seconds);
	}
	if (r->authenticate)
		fn(arg, "WWW-Authenticate", "Bearer");
	cors_headers(&r->cors, fn, arg);
	if (r->preflight)
		cors_preflight(&r->cors, fn, arg);
	/* A front that compresses would hold a stream's frames back. */
	fn(arg, "Cache-Control",
	    r->streamed ? "no-store, no-transform" : "no-store");
	reply_data_headers(fn, arg);
}

struct reply
reply_json(int status)
{
	return (struct reply){ .status = status, .type = "application/json" };
}

struct reply
reply_empty(int status)
{
	return (struct reply){ .status = status };
}

static struct reply
problem(enum problem what)
{
	return (struct reply){
		.status = problem_status(what),
		.type = PROBLEM_TYPE,
		.retry_after = problem_retry_after(what),
		.authenticate = problem_status(what) == 401,
	};
}

struct reply
reply_problem(enum problem what)
{
	struct reply r = problem(what);

	problem_add_json(what, &r.body);
	return r;
}

struct reply
reply_field(const char *field, const char *why)
{
	struct reply r = problem(PROBLEM_INVALID_FIELDS);

	problem_add_field_json(field, why, &r.body);
	return r;
}

struct reply
reply_db(enum db_rc rc, enum problem why)
{
	return reply_problem(problem_of(rc, why));
}

struct reply
reply_if(enum db_rc rc, struct reply made, enum problem why)
{
	if (rc == DB_OK)
		return made;
	reply_done(&made);
	return reply_db(rc, why);
}

struct reply
reply_preflight(void)
{
	struct reply r = reply_empty(204);

	r.preflight = 1;
	return r;
}
