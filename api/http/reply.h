/*
 * reply: the answer to one request, by value.
 *
 * A handler returns exactly one.  The reply owns its texts; reply_done gives
 * them back.
 */
#ifndef API_HTTP_REPLY_H
#define API_HTTP_REPLY_H

#include "api/http/cors.h"
#include "api/http/problem.h"
#include "db/base/buf.h"
#include "db/engine/db.h"

struct reply {
	int status;
	const char *type; /* a constant; NULL: no body */
	struct buf body;
	struct buf location; /* empty: no such header */
	struct buf allow; /* empty: no such header */
	struct buf set_cookie; /* empty: no such header */
	int retry_after; /* s, 0: no such header */
	int authenticate; /* 1: WWW-Authenticate: Bearer */
	int streamed; /* 1: read as it arrives, so no front may hold it back */
	struct cors cors;
	int preflight; /* 1: the headers that answer one */
	struct handed *handed; /* its events count as heard; or NULL */
};

/* A reply with an empty body to fill in; a reply without a body. */
struct reply reply_json(int status);
struct reply reply_empty(int status);

/*
 * A refusal; a refusal for a FIELD of the body; the refusal that RC stands for.
 */
struct reply reply_problem(enum problem);
struct reply reply_field(const char *field, const char *why);
struct reply reply_db(enum db_rc, enum problem why);

/* MADE when RC is DB_OK; else MADE is freed, and the refusal is given. */
struct reply reply_if(enum db_rc rc, struct reply made, enum problem why);

/* To a browser that asks whether a page of another site may send a request. */
struct reply reply_preflight(void);

void reply_done(struct reply *);

/*
 * Calls FN for each header of the reply but those that tell its length: the
 * reply's own, those of CORS, and those that every reply has.
 */
typedef void (*header_fn)(void *arg, const char *name, const char *value);
void reply_headers(const struct reply *, header_fn, void *arg);

/*
 * Only the headers that stop a browser from guessing a type and from sending a
 * referrer; every answer has them, a page's too.
 */
void reply_secure_headers(header_fn, void *arg);

/*
 * The same, and a policy by which an answer that is no page displays nothing.
 */
void reply_data_headers(header_fn, void *arg);

#endif
