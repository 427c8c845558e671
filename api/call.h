/*
 * call: one request on its way through the API, as handlers see it.
 *
 * Filled in by the dispatcher before the handler runs: what the route's
 * column WHO promises has been checked (api/access.h), and ROOM and ME are there
 * where the path names a room.  A handler answers with exactly one reply.  Everything is lent for the call.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include <jansson.h>

#include "api/api.h"
#include "api/http/credentials.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "api/http/problem.h"
#include "db/rows/rooms.h"

enum {
	PARAM_ROOM,
	PARAM_CHATTER,
	PARAM_MESSAGE,
	PARAM_CONN,
	PARAM_USER,
	PARAM_NOTIFICATION,
	N_PARAMS
};
enum { PARAM_MAX = 259 }; /* bytes; of a user: "sub:" and a subject */

struct route;

struct call {
	const struct api *api;
	const struct request *request;
	struct db *db; /* this thread's */
	const char *query; /* raw, "" when there is none */
	char params[N_PARAMS][PARAM_MAX + 1]; /* decoded */
	json_t *body; /* NULL: none was sent */
	struct caller caller;
	struct cors cors;
	const struct route *route;
	int known; /* USER is set, or DEFERRED */
	int deferred; /* USER, ROOM and ME are not: see call_person */
	struct user_id user;
	struct key_id key; /* 0: no service key calls */
	unsigned scopes; /* of the key, else 0 */
	struct room room;
	struct chatter me;
	int64_t wait; /* ms until what is refused as too much may be done */
};

typedef struct reply (*handler)(struct call *);

#define ROUTE(method, path, who, body, fn) struct reply fn(struct call *);
#define ALSO(method, path, how, who)
#include "api/routes.def"
#undef ALSO
#undef ROUTE

/*
 * Inside a transaction: who calls, into USER, KEY and SCOPES.  A handler for
 * SENDER whose call is deferred must ask in the one that writes.  DB_CONFLICT
 * with *WHY.
 */
enum db_rc call_person(struct db *, struct call *, enum problem *why) DB_CHECK;

/*
 * db_write for what rests on who calls and may: that was read before, and is
 * read again into the call in the transaction that writes.  DB_CONFLICT with
 * *WHY if it has changed meanwhile.
 */
enum db_rc call_write(
    struct call *, db_fn, void *arg, enum problem *why) DB_CHECK;

/*
 * The folder that the API lies in, with a slash behind it, as a cookie's path;
 * the caller's to free.  Not for a target that is /events alone.
 */
struct buf api_folder(const struct request *);

/*
 * What the caller is in the room, as enum role: its owner, and a key for
 * rooms, even without a seat.  -1: nobody.
 */
int call_rank(const struct call *);

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
