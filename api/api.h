/*
 * api: the REST API, knowing no transport.
 *
 * A door (FastCGI, CGI, embed) makes a struct request, api_handle gives the
 * reply by value.  Which methods and paths there are, who may call them and
 * how long their bodies may be is one table: api/routes.def.
 *
 * api_handle is safe from any thread; each has its own connection to the
 * store.  It blocks for as long as the store does.
 */
#ifndef API_API_H
#define API_API_H

#include <stddef.h>

#include "db/base/buf.h"
#include "api/http/cors.h"
#include "db/base/settings.h"
#include "db/engine/db.h"
#include "api/http/problem.h"

enum method {
	METHOD_GET,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_OTHER
};

/* The longest body that any route takes; a door reads one byte more. */
enum { API_BODY_MAX = 16384 };

/* All texts are lent for the call; NULL when the client sent none. */
struct request {
	enum method method;
	const char *target; /* raw: /any/prefix/api/v1/rooms?x=y */
	const char *content_type;
	const char *content_encoding;
	const char *authorization;
	const char *parlor_token; /* X-Parlor-Token */
	const char *idempotency_key;
	const char *accept;
	const char *accept_language;
	const char *last_event_id;
	const char *cookie;
	const char *parlor_request; /* X-Parlor-Request */
	const char *preflight; /* Access-Control-Request-Method */
	const char *preflight_headers; /* Access-Control-Request-Headers */
	struct cors_request from;
	const char *address; /* of the client; NULL or no address: unknown */
	int https; /* as the front or the server says */
	const char *body; /* NULL when len is 0 */
	size_t len; /* > API_BODY_MAX: was cut there */
};

/* The reply owns its texts; reply_done gives them back. */
struct reply {
	int status;
	const char *type; /* a constant; NULL: no body */
	int streamed; /* 1: read as it arrives, so no front may hold it back */
	struct buf body;
	struct buf location; /* empty: no such header */
	struct buf allow; /* empty: no such header */
	int retry_after; /* s, 0: no such header */
	int authenticate; /* 1: WWW-Authenticate: Bearer */
	struct buf set_cookie; /* empty: no such header */
	struct cors cors;
	int preflight; /* 1: the headers that answer one */
	struct handed *handed; /* what it tells counts as heard; or NULL */
};

void reply_done(struct reply *);

/* The reply for a problem that a door finds itself. */
struct reply reply_problem(enum problem);

/* "GET" and so on; METHOD_OTHER for what we do not know. */
enum method method_read(const char *text);

/*
 * Calls FN for each header of the reply but those that tell its length: what
 * it says, and what every reply has (nosniff, no-store, CSP).
 */
typedef void (*header_fn)(void *arg, const char *name, const char *value);
void reply_headers(const struct reply *, header_fn, void *arg);

struct api {
	struct store *store;
	const struct settings *settings;
	int reaped; /* by a reaper in this very process */
};

struct reply api_handle(const struct api *, const struct request *);

/* A door could not send the reply: what it tells was not heard. */
void api_unsent(const struct api *, const struct reply *);

/* 1 when TARGET is for the API: it has /api/v1 in it, or ends in /events. */
int api_owns(const char *target);

#endif
