#include "db/chat/delivery.h"
#include "db/chat/arrivals.h"
#include "api/feed/subscription.h"

#include <assert.h>

#include "db/base/must.h"
#include "db/chat/last_delivered.h"
#include "db/rows/bans.h"
#include "api/http/uri.h"
#include "db/rows/chatters.h"
#include "db/rows/disconnects.h"
#include "db/rows/keys.h"
#include "db/rows/listeners.h"
#include "db/rows/rooms.h"
#include "api/feed/negotiation.h"
#include "api/feed/position.h"

enum { WAIT_DEFAULT_S = 25, WAIT_MAX_S = 35, MS_PER_S = 1000 };

/* No id of a chatter, nor the end that an event tells of one. */
const struct chatter_id subscription_onlooker = { INT64_MAX / 2 };

/* The connection name of all polls of a chatter that give none. */
static const char poll_conn[] = "poll";

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

/* Each of these reads one parameter; -1: it is malformed. */
static int
read_wait(const struct subscription_request *r, struct subscription *s,
    struct buf *value)
{
	enum uri_rc rc = uri_param(r->query, "wait", value);
	const char *p = buf_str(value);
	int64_t seconds = WAIT_DEFAULT_S;

	if (rc == URI_BAD)
		return -1;
	if (rc == URI_OK) {
		if (*p == '\0' || p[strspn(p, "0123456789")] != '\0')
			return -1;
		/* A number too large for the type is the largest. */
		seconds = strtoll(p, NULL, 10);
		if (seconds > WAIT_MAX_S)
			seconds = WAIT_MAX_S;
	}
	s->wait = seconds * MS_PER_S;
	return 0;
}

static int
read_conn(const struct subscription_request *r, struct subscription *s,
    struct buf *value)
{
	enum uri_rc rc = uri_param(r->query, "conn", value);
	struct chatter_name random;

	static_assert(CHATTER_NAME_LEN <= CONN_MAX, "a name fits");
	if (rc == URI_BAD ||
	    (rc == URI_OK && ids_check_conn(buf_str(value)) != 0))
		return -1;
	if (rc == URI_NONE &&
	    (r->at_once || s->protocol->shape == PROTOCOL_ANSWER)) {
		buf_adds(value, poll_conn);
	} else if (rc == URI_NONE) {
		ids_make_chatter(&random);
		buf_adds(value, random.s);
	}
	must(value->len <= CONN_MAX);
	memcpy(s->conn, value->p, value->len + 1);
	return 0;
}

int
subscription_caller(const struct subscription_request *r, struct buf *ticket,
    struct caller *caller)
{
	enum uri_rc found = uri_param(r->query, "ticket", ticket);
	struct credentials sent = { .token = r->token, .cookie = r->cookie };

	if (found == URI_OK)
		sent.ticket = buf_str(ticket);
	credentials_read(&sent, caller);
	return found == URI_BAD ? -1 : 0;
}

static enum db_rc
check_person(struct db *db, struct caller *caller, struct subscription *s,
    enum problem *why)
{
	enum db_rc rc = credentials_know(db, caller, why);

	s->user = caller->user;
	s->sees_all = (caller->scopes & KEY_ROOMS) != 0;
	s->expires = caller->expires;
	return rc;
}

/* A room named twice counts once. */
static enum db_rc
add_room(struct db *db, const char *room_name, struct subscription *s,
    enum problem *why)
{
	struct chatter chatter;
	struct room room;
	enum db_rc rc;

	if (*room_name == '\0')
		return refuse(why, PROBLEM_MALFORMED_REQUEST);
	rc = rooms_find(db, room_name, &room);
	if (rc != DB_OK)
		return rc == DB_NONE ? refuse(why, PROBLEM_NOT_FOUND) : rc;
	for (size_t i = 0; i < s->n; i++)
		if (s->seats[i].room.n == room.id.n)
			return DB_OK;
	if (s->n == SUBSCRIPTION_ROOMS_MAX)
		return refuse(why, PROBLEM_MALFORMED_REQUEST);
	rc = chatters_of_user(db, room.id, s->user, &chatter);
	if (rc == DB_NONE || (rc == DB_OK && chatter.left)) {
		rc = bans_refuse(db, room.id, s->user, why);
		if (rc != DB_CONFLICT || *why != PROBLEM_NOT_IN_ROOM ||
		    !s->sees_all)
			return rc;
		*why = PROBLEM_NONE;
		chatter.id = subscription_onlooker;
		rc = DB_OK;
	}
	if (rc == DB_OK)
		s->seats[s->n++] =
		    (struct seat){ .room = room.id, .chatter = chatter.id };
	return rc;
}

/* Without any room the client hears the user's own queue alone. */
static enum db_rc
check_rooms(struct db *db, const struct subscription_request *r,
    struct subscription *s, enum problem *why)
{
	struct buf list = BUF_INIT;
	enum db_rc rc = DB_OK;
	char *next, *room;

	if (uri_param(r->query, "rooms", &list) == URI_BAD)
		rc = refuse(why, PROBLEM_MALFORMED_REQUEST);
	next = list.len > 0 ? list.p : NULL;
	while (rc == DB_OK && (room = strsep(&next, ",")) != NULL)
		rc = add_room(db, room, s, why);
	buf_done(&list);
	return rc;
}

static enum db_rc
place(struct db *db, struct subscription *s, const char *text,
    int64_t replay_max, enum problem *why)
{
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	size_t n = subscription_scopes(s, scopes);
	struct position position;
	enum db_rc rc =
	    position_find(db, text, scopes, n, replay_max, &position, why);

	if (rc != DB_OK)
		return rc;
	s->log = position.log;
	s->cursor = position.cursor;
	s->proven = position.proven;
	s->recovered = position.recovered;
	return DB_OK;
}

static enum db_rc
check_cursor(struct db *db, const struct subscription_request *r,
    struct subscription *s, int64_t replay_max, enum problem *why)
{
	struct buf text = BUF_INIT;
	enum db_rc rc;

	if (position_read(r->last_event_id, r->query, &text) != 0)
		rc = refuse(why, PROBLEM_MALFORMED_CURSOR);
	else
		rc = place(db, s, buf_str(&text), replay_max, why);
	buf_done(&text);
	return rc;
}

enum db_rc
subscription_check(struct db *db, const struct subscription_request *r,
    struct caller *caller, int64_t replay_max, struct subscription *s,
    enum problem *why)
{
	struct buf value = BUF_INIT;
	enum db_rc rc = DB_OK;

	must(replay_max > 0 && replay_max < INT32_MAX);
	*s = (struct subscription){ 0 };
	*why = PROBLEM_NONE;
	s->protocol =
	    negotiation_choose(r->protocols, r->query, r->accept, why);
	if (s->protocol == NULL)
		rc = DB_CONFLICT;
	else if ((r->at_once && s->protocol->upgrade != NULL) ||
	    read_wait(r, s, &value) != 0 || read_conn(r, s, &value) != 0)
		rc = refuse(why, PROBLEM_MALFORMED_REQUEST);
	buf_done(&value);
	if (rc == DB_OK)
		rc = check_person(db, caller, s, why);
	if (rc == DB_OK)
		rc = check_rooms(db, r, s, why);
	if (rc == DB_OK)
		rc = check_cursor(db, r, s, replay_max, why);
	return rc;
}

enum db_rc
subscription_check_room(struct db *db, const char *room, const char *cursor,
    int64_t replay_max, struct subscription *s, enum problem *why)
{
	enum db_rc rc;

	*why = PROBLEM_NONE;
	s->n = 0;
	rc = add_room(db, room, s, why);
	if (rc == DB_OK)
		rc = place(db, s, cursor, replay_max, why);
	return rc;
}

static int
is_onlooker(const struct seat *seat)
{
	return seat->chatter.n == subscription_onlooker.n;
}

/* DB_NONE: SEAT needs no write, its presence lasts long enough. */
static enum db_rc
lacks(struct db *db, const struct subscription *s, struct seat *seat,
    const struct entry *entry)
{
	struct delivery_start start = { s->cursor, s->proven };
	struct delivery_standing now;
	struct room room;
	enum db_rc rc;

	if (is_onlooker(seat))
		return DB_NONE;
	rc = delivery_standing(
	    db, seat->chatter, s->conn, &start, entry->notes, &now);
	if (rc == DB_OK) {
		seat->presence = now.row;
		seat->slot = now.slot;
		if (now.differs)
			return DB_OK;
		if (now.ms >= entry->lease_ms)
			return DB_NONE;
	}
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	/* Without this a poll of an expired room would write each time. */
	rc = rooms_get(db, seat->room, &room);
	if (rc == DB_OK && rooms_expired(&room))
		return DB_NONE;
	return rc == DB_NONE ? DB_OK : rc;
}

/* DB_NONE: the user's listener already lasts as long as ENTRY's would. */
static enum db_rc
has_no_listener(
    struct db *db, const struct subscription *s, const struct entry *entry)
{
	int64_t ms;
	enum db_rc rc = listeners_remaining(db, s->user, s->conn, &ms);

	if (rc == DB_OK && ms >= entry->lease_ms)
		return DB_NONE;
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
subscription_needs(struct db *db, struct subscription *s,
    const struct entry *entry, int *needs)
{
	enum db_rc rc = DB_NONE;

	*needs = SUBSCRIPTION_MUST_ENTER;
	if (entry->transport != TRANSPORT_POLL)
		return DB_OK;
	for (size_t i = 0; rc == DB_NONE && i < s->n; i++)
		rc = lacks(db, s, &s->seats[i], entry);
	if (rc == DB_NONE)
		rc = has_no_listener(db, s, entry);
	if (rc != DB_NONE)
		return rc;
	*needs = SUBSCRIPTION_PRESENT;
	return DB_OK;
}

/*
 * Presence by a poll.  Its new row takes over the slot of the old one, whose
 * note is no longer true: the new row begins at the cursor.
 */
static enum db_rc
enter_by_poll(struct db *db, const struct room *room,
    const struct chatter *chatter, struct seat *seat, struct entry *mine,
    enum problem *why)
{
	enum db_rc rc = DB_OK;

	mine->lease_ms += room->grace;
	if (!last_delivered_has(mine->notes, seat->slot))
		rc = last_delivered_take_for_row(mine->notes, db, &seat->slot);
	mine->slot = seat->slot;
	if (rc == DB_OK)
		rc = arrivals_enter(
		    db, room, chatter, mine, &seat->presence, why);
	if (rc == DB_OK)
		(void)last_delivered_put_for_row(
		    mine->notes, seat->slot, mine->proven ? mine->cursor : 0);
	return rc;
}

static enum db_rc
enter(struct db *db, struct seat *seat, const struct entry *entry,
    enum problem *why)
{
	struct entry mine = *entry;
	struct chatter chatter;
	struct room room;
	enum db_rc rc;

	seat->presence.n = 0;
	if (is_onlooker(seat))
		return DB_OK;
	/* Since the check the chatter may have left or lost the room. */
	rc = chatters_get(db, seat->chatter, &chatter);
	if (rc == DB_OK)
		rc = rooms_get(db, seat->room, &room);
	if (rc == DB_NONE)
		return refuse(why, PROBLEM_NOT_IN_ROOM);
	if (rc == DB_OK && chatter.left)
		return bans_refuse(db, room.id, chatter.user, why);
	if (rc != DB_OK || rooms_expired(&room))
		return rc;
	return mine.transport == TRANSPORT_POLL ?
	    enter_by_poll(db, &room, &chatter, seat, &mine, why) :
	    arrivals_enter(db, &room, &chatter, &mine, &seat->presence, why);
}

/* DB_OK: the connection's goodbye has overtaken this poll of it. */
static enum db_rc
overtaken(
    struct db *db, const struct subscription *s, const struct entry *entry)
{
	return entry->transport == TRANSPORT_POLL ?
	    disconnects_said(db, s->user, s->conn) :
	    DB_NONE;
}

static struct entry
entry_of(const struct subscription *s, const struct entry *entry)
{
	struct entry mine = *entry;

	mine.conn = s->conn;
	mine.cursor = s->cursor;
	mine.proven = s->proven;
	mine.slot = s->slot;
	return mine;
}

enum db_rc
subscription_enter_room(struct db *db, struct subscription *s,
    const struct entry *entry, enum problem *why)
{
	struct entry mine = entry_of(s, entry);
	enum db_rc rc = DB_OK;

	*why = PROBLEM_NONE;
	for (size_t i = 0; rc == DB_OK && i < s->n; i++)
		rc = enter(db, &s->seats[i], &mine, why);
	return rc;
}

enum db_rc
subscription_enter(struct db *db, struct subscription *s,
    const struct entry *entry, enum problem *why)
{
	struct entry mine = entry_of(s, entry);
	enum db_rc rc = overtaken(db, s, entry);

	*why = PROBLEM_NONE;
	if (rc != DB_NONE)
		return rc;
	rc = subscription_enter_room(db, s, entry, why);
	/* After the seats: a room that is heard has no unread watcher. */
	return rc == DB_OK ? arrivals_listen(db, s->user, &mine, &s->listener) :
			     rc;
}

enum db_rc
subscription_lags(struct db *db, const struct subscription *s, int64_t upto)
{
	enum db_rc rc = DB_NONE;
	int64_t now;

	for (size_t i = 0; rc == DB_NONE && i < s->n; i++)
		rc = presence_lags(db, s->seats[i].presence, upto, &now);
	return rc;
}

enum db_rc
subscription_told(struct db *db, const struct subscription *s, int64_t upto,
    struct delivery_change *changes, size_t *n)
{
	enum db_rc rc = DB_OK;

	*n = 0;
	for (size_t i = 0; (rc == DB_OK || rc == DB_NONE) && i < s->n; i++) {
		rc = delivery_raise(
		    db, s->seats[i].presence, upto, &changes[*n]);
		*n += rc == DB_OK;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

void
subscription_outside(struct subscription *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->seats[i].presence.n = s->seats[i].slot = 0;
	s->listener.n = 0;
	s->outside = 1;
}

size_t
subscription_scopes(const struct subscription *s, struct scope *out)
{
	size_t n = 0;

	for (; n < s->n; n++)
		out[n] = (struct scope){ SCOPE_ROOM, s->seats[n].room.n };
	out[n++] = (struct scope){ SCOPE_USER, s->user.n };
	return n;
}
