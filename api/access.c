#include "api/access.h"

#include <string.h>

#include "api/auth_cache.h"
#include "api/router.h"
#include "db/base/must.h"
#include "db/rows/bans.h"
#include "db/rows/keys.h"

/* The columns of rights.def. */
enum column {
	NOBODY,
	OUTSIDER,
	LEFT,
	BANNED,
	MEMBER,
	AUTHOR,
	MODERATOR,
	OWNER,
	LANDLORD,
	ROOMS,
	ALERTS,
	NOTIFICATIONS,
	N_COLUMNS
};

#define PROBLEM_OK PROBLEM_NONE

static const enum problem rights[N_WHO][N_COLUMNS] = {
#define RIGHT(who, nobody, outsider, left, banned, member, author, moderator, \
    owner, landlord, rooms, alerts, notifications)                            \
	[WHO_##who] = { PROBLEM_##nobody, PROBLEM_##outsider, PROBLEM_##left, \
		PROBLEM_##banned, PROBLEM_##member, PROBLEM_##author,         \
		PROBLEM_##moderator, PROBLEM_##owner, PROBLEM_##landlord,     \
		PROBLEM_##rooms, PROBLEM_##alerts, PROBLEM_##notifications },
#include "api/rights.def"
#undef RIGHT
};

/* The further effects of a route, and the class that may cause each. */
static const struct {
	enum method method;
	const char *path;
	enum who who;
} also[] = {
#define ROUTE(method, path, who, body, fn)
#define ALSO(method, path, how, who) { METHOD_##method, path, WHO_##who },
#define TEXT(method, path)
#include "api/routes.def"
#undef TEXT
#undef ALSO
#undef ROUTE
};
enum { N_ALSO = sizeof(also) / sizeof(also[0]) };

static const struct {
	unsigned scope;
	enum column column;
} scopes[] = {
	{ KEY_ROOMS, ROOMS },
	{ KEY_ALERTS, ALERTS },
	{ KEY_NOTIFICATIONS, NOTIFICATIONS },
};
enum { N_SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

static enum db_rc
read_person(struct db *db, struct call *call, enum problem *why)
{
	struct caller *caller = &call->caller;
	enum db_rc rc = credentials_know(db, caller, why);

	if (rc == DB_OK) {
		call->known = 1;
		call->user = caller->user;
		call->key = caller->key;
		call->scopes = caller->scopes;
	}
	return rc;
}

static int
has_place(const struct call *call)
{
	return call->params[PARAM_ROOM][0] != '\0';
}

/* The room of the path and the caller's seat in it. */
static enum db_rc
read_place(struct db *db, struct call *call)
{
	enum db_rc rc;

	if (!has_place(call))
		return DB_OK;
	rc = rooms_find(db, call->params[PARAM_ROOM], &call->room);
	if (rc != DB_OK || !call->known)
		return rc;
	rc = chatters_of_user(db, call->room.id, call->user, &call->me);
	if (rc == DB_NONE)
		call->me = (struct chatter){ .left = 1 };
	return rc == DB_NONE ? DB_OK : rc;
}

int
access_rank(const struct call *call)
{
	if (call->room.owner.n == call->user.n || call->scopes & KEY_ROOMS)
		return ROLE_OWNER;
	return call->me.left ? -1 : (int)call->me.role;
}

static enum column
column_of_role(enum role role)
{
	switch (role) {
	case ROLE_MEMBER:
		return MEMBER;
	case ROLE_MODERATOR:
		return MODERATOR;
	case ROLE_OWNER:
		break;
	}
	return OWNER;
}

/* The caller's column by membership, apart from the scopes of a key. */
static enum column
column_of_place(const struct call *call)
{
	if (!call->known)
		return NOBODY;
	if (!has_place(call))
		return OUTSIDER;
	if (!call->me.left)
		return column_of_role(call->me.role);
	if (call->room.owner.n == call->user.n)
		return LANDLORD;
	return call->me.id.n != 0 ? LEFT : OUTSIDER;
}

/* Undecided until the write transaction knows whose the thing is: access_to. */
static int
depends_on_thing(enum problem p)
{
	return p == PROBLEM_AUTHOR_ONLY || p == PROBLEM_DELETER_ONLY ||
	    p == PROBLEM_SELF_ONLY || p == PROBLEM_OUTRANKED;
}

static int
may_be_allowed(enum problem p)
{
	return p == PROBLEM_NONE || depends_on_thing(p);
}

/* The rights that the key's scopes alone give; of several scopes the widest. */
static enum problem
check_key(const struct call *call, enum who who)
{
	enum problem found, why = PROBLEM_KEY_NEEDS_SEAT;

	for (size_t i = 0; i < N_SCOPES; i++) {
		if ((call->scopes & scopes[i].scope) == 0)
			continue;
		found = rights[who][scopes[i].column];
		if (found == PROBLEM_NONE)
			return found;
		if (!depends_on_thing(why))
			why = found;
	}
	return why;
}

/* The caller's right to a thing that belongs to somebody else. */
static enum problem
check_class(const struct call *call, enum who who)
{
	enum column place = column_of_place(call);
	enum problem why = rights[who][place], by_key;
	int seated = place == MEMBER || place == MODERATOR || place == OWNER;

	if (call->key.n != 0 && !seated && place != LANDLORD)
		return check_key(call, who);
	if (why == PROBLEM_NONE || call->key.n == 0)
		return why;
	by_key = check_key(call, who);
	if (by_key == PROBLEM_NONE ||
	    (depends_on_thing(by_key) && !depends_on_thing(why)))
		return by_key;
	return why;
}

/* The class of ROUTE's next further effect, from *I on; N_WHO: no other. */
static enum who
next_also(const struct route *route, size_t *i)
{
	for (; *i < N_ALSO; ++*i)
		if (also[*i].method == route->method &&
		    strcmp(also[*i].path, route->path) == 0)
			return also[(*i)++].who;
	return N_WHO;
}

/* Whether the room of the path decides who may use the route. */
static int
room_decides(const struct call *call)
{
	enum who who = call->route->who;

	return who == WHO_SENDER || who == WHO_POSTER;
}

static enum problem
check_rights(const struct call *call)
{
	const struct route *route = call->route;
	enum problem why = check_class(call, route->who);
	enum who who;
	size_t i = 0;

	if (room_decides(call) && call->room.post == POST_ANYONE)
		return PROBLEM_NONE;
	while (!may_be_allowed(why) && (who = next_also(route, &i)) != N_WHO)
		if (may_be_allowed(check_class(call, who)))
			why = PROBLEM_NONE;
	return may_be_allowed(why) ? PROBLEM_NONE : why;
}

static enum problem
check_thing(const struct call *call, enum who who, enum access_thing thing)
{
	if (thing == ACCESS_OWN && !call->me.left &&
	    rights[who][AUTHOR] == PROBLEM_NONE)
		return PROBLEM_NONE;
	return check_class(call, who);
}

enum problem
access_to(const struct call *call, enum access_thing thing)
{
	return check_thing(call, call->route->who, thing);
}

enum problem
access_also(const struct call *call, enum access_thing thing)
{
	size_t i = 0;
	enum who who = next_also(call->route, &i);

	must(who != N_WHO);
	return check_thing(call, who, thing);
}

/*
 * Refines a handler's refusal for the caller: a service key without a seat is
 * told which scope it lacks instead of "join".
 */
static enum problem
refine(const struct call *call, enum problem why)
{
	enum problem found = credentials_refine(&call->caller, why), missing;

	if (found == why)
		return why;
	missing = check_key(call, call->route->who);
	return may_be_allowed(missing) ? found : missing;
}

/*
 * A banned user has left.  So bans are looked up only for callers without a
 * seat, and only where a ban takes a right from them.
 */
static enum db_rc
check_ban(struct db *db, struct access *a)
{
	const enum problem *row = rights[a->call->route->who];
	enum column place = column_of_place(a->call);
	enum db_rc rc;

	if (!has_place(a->call) || (place != LEFT && place != OUTSIDER) ||
	    row[BANNED] == row[LEFT])
		return DB_OK;
	if (a->call->key.n != 0 && a->place == PROBLEM_NONE &&
	    row[OUTSIDER] != PROBLEM_NONE)
		return DB_OK;
	rc = bans_check(db, a->call->room.id, a->call->user);
	if (rc == DB_OK)
		a->place = row[BANNED];
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * A caller whose cookie is stale counts as one without a token: no page can
 * delete the cookie.
 */
static int
is_nobody(const struct call *call)
{
	return call->caller.type == CALLER_NOBODY || call->caller.by_cookie;
}

/* Whether no token is needed here; a LISTENER may have a ticket. */
static int
is_open(const struct call *call)
{
	enum who who = call->route->who;

	return who == WHO_LISTENER || rights[who][NOBODY] == PROBLEM_NONE;
}

/* Whether the call may make the room of the path, which is not there. */
static int
may_make_place(const struct call *call)
{
	unsigned needed = KEY_ROOMS | KEY_ALERTS;

	return call->route->who == WHO_POSTER &&
	    (call->scopes & needed) == needed;
}

/* The room of the path, and what its absence means. */
static enum db_rc
look_up_place(struct db *db, struct access *a)
{
	struct call *call = a->call;
	enum db_rc rc = read_place(db, call);
	int open = rc == DB_OK && call->room.post == POST_ANYONE;

	if (room_decides(call) && !call->known && !open)
		a->person = PROBLEM_TOKEN_REQUIRED;
	if (rc != DB_NONE)
		return rc;
	call->room = (struct room){ .post = POST_MEMBERS };
	call->me = (struct chatter){ .left = 1 };
	if (!may_make_place(call))
		a->place = PROBLEM_NOT_FOUND;
	return DB_NONE;
}

/* DB_CONFLICT: credentials_meet must create the user first. */
static enum db_rc
look_up(struct db *db, struct access *a)
{
	struct call *call = a->call;
	int open = is_open(call);
	int asks = !open && !room_decides(call);
	enum db_rc rc = DB_OK;

	a->person = PROBLEM_NONE;
	a->place = PROBLEM_NONE;
	call->known = 0;
	if (call->caller.type != CALLER_NOBODY || asks)
		rc = read_person(db, call, &a->person);
	if (rc == DB_CONFLICT && call->caller.unseen)
		return rc;
	if (rc == DB_CONFLICT && open && is_nobody(call)) {
		a->person = PROBLEM_NONE;
		rc = DB_OK;
	}
	if (rc != DB_OK)
		return rc == DB_CONFLICT ? DB_OK : rc;
	rc = look_up_place(db, a);
	if (rc != DB_OK || call->route->who == WHO_LISTENER)
		return rc == DB_NONE ? DB_OK : rc;
	a->place = check_rights(call);
	return check_ban(db, a);
}

static enum db_rc
look_up_all(struct db *db, void *arg)
{
	return look_up(db, arg);
}

static int
is_recent_sender(const struct call *call)
{
	return call->route->who == WHO_SENDER && call->caller.text != NULL &&
	    auth_cache_has(&call->caller, call->params[PARAM_ROOM]);
}

enum db_rc
access_check(struct access *a)
{
	struct call *call = a->call;
	enum db_rc rc;

	call->deferred = is_recent_sender(call);
	call->known = call->deferred;
	if (call->deferred)
		return DB_OK;
	rc = db_read(call->db, look_up_all, a);
	if (rc == DB_CONFLICT) {
		rc = credentials_meet(call->db, &call->caller);
		if (rc == DB_OK)
			rc = db_read(call->db, look_up_all, a);
	}
	return rc;
}

void
access_end(const struct call *call, int status)
{
	const char *room = call->params[PARAM_ROOM];

	if (call->route->who != WHO_SENDER)
		return;
	if (status == 200 || status == 201)
		auth_cache_note(&call->caller, room);
	else if (call->deferred)
		auth_cache_forget(&call->caller, room);
}

struct writing {
	struct access access;
	db_fn fn;
	void *arg;
};

static enum db_rc
confirm(struct db *db, void *arg)
{
	struct writing *w = arg;
	enum db_rc rc = look_up(db, &w->access);

	if (rc == DB_OK &&
	    (w->access.person != PROBLEM_NONE ||
		w->access.place != PROBLEM_NONE))
		rc = DB_CONFLICT;
	return rc == DB_OK ? w->fn(db, w->arg) : rc;
}

enum db_rc
access_write(struct call *call, db_fn fn, void *arg, enum problem *why)
{
	struct writing w = { { .call = call }, fn, arg };
	enum db_rc rc = db_write(call->db, confirm, &w);

	if (w.access.person != PROBLEM_NONE)
		*why = w.access.person;
	else if (w.access.place != PROBLEM_NONE)
		*why = w.access.place;
	return rc;
}

static enum db_rc
confirm_sender(struct db *db, void *arg)
{
	struct writing *w = arg;
	struct call *call = w->access.call;
	enum db_rc rc = DB_OK;

	if (call->deferred)
		rc = read_person(db, call, &w->access.person);
	if (rc == DB_OK)
		rc = rooms_find(db, call->params[PARAM_ROOM], &call->room);
	return rc == DB_OK ? w->fn(db, w->arg) : rc;
}

/* The room is read in any case. */
static void
ask_sender(struct db *db, void *arg)
{
	const struct writing *w = arg;

	rooms_ask(db, w->access.call->params[PARAM_ROOM]);
}

enum db_rc
access_write_sender(struct call *call, db_fn fn, void *arg, enum problem *why)
{
	struct writing w = { { .call = call }, fn, arg };
	enum db_rc rc =
	    db_write_checked(call->db, ask_sender, confirm_sender, &w);

	if (w.access.person != PROBLEM_NONE)
		*why = w.access.person;
	*why = refine(call, *why);
	return rc;
}
