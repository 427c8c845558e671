/*
 * call: a request in the API, as handlers see it.
 *
 * The dispatcher fills in the struct call before the handler runs.  By then the
 * caller has been checked against the route's column WHO (api/access.h), and
 * ROOM and ME are set where the path names a room.  A handler returns exactly
 * one reply.  Everything is lent for the call.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include <jansson.h>

#include "api/http/credentials.h"
#include "api/http/reply.h"
#include "api/http/request.h"
#include "db/base/settings.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
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

struct call {
	const struct settings *settings;
	const struct request *request;
	struct db *db; /* this thread's */
	const char *query; /* raw, "" when there is none */
	char params[N_PARAMS][PARAM_MAX + 1]; /* decoded */
	json_t *body; /* NULL: none was sent */
	struct cors cors;
	const struct route *route;
	struct caller caller;
	int known; /* the caller is known, as USER */
	struct user_id user;
	struct key_id key; /* 0: no service key calls */
	unsigned scopes; /* of the key, else 0 */
	struct room room;
	struct chatter me;
	int64_t wait; /* ms until a rate-limited call may be repeated */
	int deferred; /* api/access.c's own */
};

typedef struct reply (*handler)(struct call *);

#define ROUTE(method, path, who, body, fn) struct reply fn(struct call *);
#define ALSO(method, path, how, who)
#define TEXT(method, path)
#include "api/routes.def"
#undef TEXT
#undef ALSO
#undef ROUTE

/*
 * Reads the integer NAME of the query, from MIN to MAX, into *VALUE, which
 * keeps its default when the parameter is missing.  0, or -1: malformed or out
 * of range.
 */
int call_number(const struct call *, const char *name, int64_t min, int64_t max,
    int64_t *value) __attribute__((warn_unused_result));

/* Adds the cursor of LOG's head as a JSON text. */
void call_add_cursor(struct buf *, const struct log_state *log);

#endif
