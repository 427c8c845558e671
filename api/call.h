/*
 * call: one request on its way through the API, as handlers see it.
 *
 * Filled in by the dispatcher before the handler runs: what the route's
 * column WHO promises is there (ROOM and ME for MEMBER and OWNER).  A handler
 * answers with exactly one reply.  Everything is lent for the call.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include <jansson.h>

#include "api/api.h"
#include "db/chatters.h"
#include "db/events.h"
#include "db/problem.h"
#include "db/rooms.h"

enum { PARAM_ROOM, PARAM_CHATTER, PARAM_MESSAGE, N_PARAMS };

struct call {
	const struct api *api;
	const struct request *request;
	struct db *db; /* this thread's */
	const char *query; /* raw, "" when there is none */
	char params[N_PARAMS][CONN_MAX + 1];
	json_t *body; /* NULL: none was sent */
	const char *token; /* NULL: none was sent */
	int known; /* USER is set, or DEFERRED */
	int deferred; /* USER, ROOM and ME are not: see call_person */
	struct user_id user;
	struct key_id key; /* 0: no service key calls */
	unsigned scopes; /* enum key_scope; 0: no service key */
	struct room room;
	struct chatter me;
};

typedef struct reply (*handler)(struct call *);

#define ROUTE(method, path, who, body, fn) struct reply fn(struct call *);
#include "api/routes.def"
#undef ROUTE

/*
 * Inside a transaction: who calls, into USER.  A handler for SENDER whose
 * call is deferred must ask in the one that writes.  DB_CONFLICT with *WHY.
 */
enum db_rc call_person(struct db *, struct call *, enum problem *why) DB_CHECK;

/* Replies: an empty body to fill in, a problem, a field that is wrong. */
struct reply reply_json(int status);
struct reply reply_empty(int status);
struct reply reply_field(const char *field, const char *why);
struct reply reply_db(enum db_rc, enum problem why);

/* MADE when RC is DB_OK; else it is done with, and the problem is said. */
struct reply reply_if(enum db_rc rc, struct reply made, enum problem why);

/*
 * The query's number NAME within MIN and MAX into *VALUE, which keeps its
 * default when there is none.  0, or -1: it is no such number.
 */
int call_number(const struct call *, const char *name, int64_t min, int64_t max,
    int64_t *value) __attribute__((warn_unused_result));

/* Adds the cursor of LOG's head as a JSON text. */
void call_add_cursor(struct buf *, const struct log_state *log);

#endif
