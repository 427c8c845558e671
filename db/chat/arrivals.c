#include "db/chat/arrivals.h"

#include <stdlib.h>

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/chat/delivery.h"
#include "db/chat/leases.h"
#include "db/chat/nicknames.h"
#include "db/chat/presence_events.h"
#include "db/chat/unread.h"
#include "db/rows/disconnects.h"
#include "db/rows/events.h"
#include "db/rows/json.h"
#include "db/rows/listeners.h"
#include "db/rows/nodes.h"

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

static enum db_rc
tell_joined(struct db *db, const struct room *room, struct chatter_id id)
{
	struct buf item = BUF_INIT;
	enum db_rc rc = chatters_add_json(db, id, &item);

	if (rc == DB_OK)
		rc = presence_events_tell(
		    db, room, PRESENCE_JOINED, &item, EVENT_ENDS_NOBODY);
	if (rc == DB_OK)
		rc = notices_tell(db, room, NOTICE_JOINED, &id, 1);
	buf_done(&item);
	return rc;
}

/* The ENDS of the event that tells that ID left for REASON. */
static int64_t
ends_of(struct chatter_id id, enum leave_reason reason)
{
	return reason == LEAVE_REMOVED ? EVENT_ENDS_REMOVED(id.n) : id.n;
}

/* Reading an expired room is not presence, so nobody is told that ID left. */
static enum db_rc
end_unseen(struct db *db, const struct room *room, struct chatter_id id,
    enum leave_reason reason)
{
	struct buf nobody = BUF_INIT;

	return presence_events_tell(
	    db, room, PRESENCE_LEFT, &nobody, ends_of(id, reason));
}

enum db_rc
arrivals_tell_left(struct db *db, const struct room *room,
    const struct chatter_id *ids, size_t n, enum leave_reason reason)
{
	enum notice notice = (enum notice)reason;
	int64_t ends = EVENT_ENDS_NOBODY;
	struct buf items = BUF_INIT;
	enum db_rc rc;

	if (reason == LEAVE_LEFT || reason == LEAVE_REMOVED) {
		must(n == 1);
		ends = ends_of(ids[0], reason);
	}
	rc = rooms_give_seats(db, room->id, (int64_t)n);
	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		if (i > 0)
			buf_addc(&items, ',');
		rc = chatters_add_json_and(
		    db, ids[i], "reason", notices_reason(notice), &items);
	}
	if (rc == DB_OK)
		rc =
		    presence_events_tell(db, room, PRESENCE_LEFT, &items, ends);
	if (rc == DB_OK)
		rc = notices_tell(db, room, notice, ids, n);
	buf_done(&items);
	return rc;
}

/*
 * Deletes CHATTER's expired rows before the reaper does, so that someone who
 * returns after the grace has left first.  DB_OK: online; DB_NONE: not.
 */
static enum db_rc
expire_own(struct db *db, const struct room *room, struct chatter_id id)
{
	struct presence_ref row = { .room = room->id, .chatter = id };
	enum db_rc rc, left = DB_OK;

	rc = presence_own_expired(db, db_lease_now(db), &row);
	if (rc == DB_OK && (rc = leases_shift_due(db)) == DB_NONE)
		rc = DB_OK;
	while (rc == DB_OK &&
	    (rc = presence_own_expired(db, db_lease_now(db), &row)) == DB_OK) {
		left = delivery_drop(db, &row);
		if (left != DB_OK && left != DB_NONE)
			return left;
	}
	if (rc == DB_NONE && left == DB_NONE)
		rc = arrivals_tell_left(db, room, &id, 1, LEAVE_TIMEOUT);
	else if (rc == DB_NONE)
		return presence_online(db, id);
	return rc == DB_OK ? DB_NONE : rc;
}

/*
 * The span that the new row of C begins with.  For a chatter who was offline,
 * everything up to now is part of an absence.
 */
static enum db_rc
find_span(struct db *db, const struct chatter *c, const struct entry *e,
    enum db_rc was, struct span *span)
{
	struct delivery_start start = { e->cursor, e->proven };
	struct log_state log = { .head = 0 };
	enum db_rc rc = DB_OK;

	if (was == DB_NONE || e->transport == TRANSPORT_JOIN)
		rc = events_state(db, &log);
	if (rc == DB_OK && was == DB_NONE) {
		span->since = span->upto = log.head;
		return DB_OK;
	}
	/* The snapshot in the answer to a join is taken now or later. */
	if (rc == DB_OK && e->transport == TRANSPORT_JOIN)
		start = (struct delivery_start){ log.head, 1 };
	return rc == DB_OK ? delivery_begin(db, c->id, e->conn, &start,
				 PRESENCE_LEASES_MAX - 1, span) :
			     rc;
}

static enum db_rc
insert(struct db *db, const struct chatter *c, const struct entry *e,
    const struct span *span, struct presence_id *id)
{
	int stream = e->transport == TRANSPORT_STREAM;
	struct presence_draft d;
	/* The row of a node that has been reaped would never end. */
	enum db_rc rc = stream ? nodes_check(db, e->node) : DB_OK;

	if (rc != DB_OK)
		return rc;
	d = (struct presence_draft){ .room = c->room,
		.chatter = c->id,
		.conn = e->conn,
		.transport = e->transport,
		.span = *span,
		.slot = e->slot };
	if (stream)
		d.node = e->node;
	else
		d.expires = db_lease_now(db) + e->lease_ms;
	return presence_insert(db, &d, id);
}

/* For a chatter who was offline: a seat, and a nickname of its own. */
static enum db_rc
take_seat(struct db *db, const struct room *room, const struct chatter *c,
    enum problem *why)
{
	enum db_rc rc;

	if (rooms_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = rooms_take_seat(db, room->id, c->user);
	if (rc == DB_CONFLICT)
		return refuse(why, PROBLEM_ROOM_FULL);
	return rc == DB_OK ? nicknames_tell_apart(db, c) : rc;
}

enum db_rc
arrivals_enter(struct db *db, const struct room *room, const struct chatter *c,
    const struct entry *e, struct presence_id *id, enum problem *why)
{
	struct span span;
	enum db_rc rc, was;

	must(c->room.n == room->id.n);
	*why = PROBLEM_NONE;
	was = expire_own(db, room, c->id);
	if (was != DB_OK && was != DB_NONE)
		return was;
	rc = was == DB_NONE ? take_seat(db, room, c, why) : DB_OK;
	if (rc == DB_OK)
		rc = find_span(db, c, e, was, &span);
	if (rc == DB_OK)
		rc = insert(db, c, e, &span, id);
	if (rc == DB_OK && was == DB_NONE)
		rc = unread_present(db, room->id, c->id);
	if (rc == DB_OK && was == DB_NONE)
		rc = tell_joined(db, room, c->id);
	return rc;
}

/* Makes the row of a listener. */
static enum db_rc
insert_listener(struct db *db, struct user_id user, const struct entry *e,
    struct listener_id *id)
{
	int stream = e->transport == TRANSPORT_STREAM;
	struct listener_draft d = {
		.user = user, .conn = e->conn, .grace = e->grace_ms
	};
	enum db_rc rc = stream ? nodes_check(db, e->node) : DB_OK;

	if (stream)
		d.node = e->node;
	else
		d.expires = db_lease_now(db) + e->lease_ms + e->grace_ms;
	if (rc == DB_OK)
		rc = listeners_drop_conn(db, user, e->conn);
	if (rc == DB_OK)
		rc = listeners_thin_out(db, user, PRESENCE_LEASES_MAX - 1);
	return rc == DB_OK ? listeners_insert(db, &d, id) : rc;
}

enum db_rc
arrivals_listen(struct db *db, struct user_id user, const struct entry *e,
    struct listener_id *id)
{
	enum db_rc rc, was = listeners_any(db, user);

	if (was != DB_OK && was != DB_NONE)
		return was;
	rc = insert_listener(db, user, e, id);
	return rc == DB_OK && was == DB_NONE ? unread_listening(db, user) : rc;
}

enum db_rc
arrivals_end(struct db *db, struct presence_id id, int64_t upto)
{
	return presence_end(db, id, upto, db_lease_now(db));
}

enum db_rc
arrivals_end_listener(struct db *db, struct listener_id id)
{
	return listeners_end(db, id, db_lease_now(db));
}

enum db_rc
arrivals_goodbye(struct db *db, struct user_id user, const char *conn)
{
	struct scope scope = { SCOPE_USER, user.n };
	struct buf data = BUF_INIT;
	int64_t rows, listeners = 0, now = db_lease_now(db);
	enum db_rc rc = presence_goodbye(db, user, conn, now, &rows);

	if (rc == DB_OK)
		rc = listeners_goodbye(db, user, conn, now, &listeners);
	if (rc == DB_OK)
		rc = disconnects_say(db, user, conn);
	if (rc != DB_OK || rows + listeners == 0)
		return rc;
	buf_adds(&data, "{\"conn\":");
	json_add_text(&data, conn);
	buf_addc(&data, '}');
	rc = events_append(
	    db, scope, EVENT_GOODBYE, &data, events_ends_conn(conn));
	buf_done(&data);
	return rc;
}

enum db_rc
arrivals_leave(struct db *db, const struct room *room, const struct chatter *c,
    enum leave_reason reason)
{
	int64_t rows = 0;
	enum db_rc rc = chatters_set_left(db, c->id, clock_wall());

	if (rc == DB_OK)
		rc = presence_drop_chatter(db, c->id, &rows);
	if (rc == DB_OK && rows > 0)
		rc = arrivals_tell_left(db, room, &c->id, 1, reason);
	else if (rc == DB_OK && rooms_expired(room))
		rc = end_unseen(db, room, c->id, reason);
	if (rc == DB_OK)
		rc = spans_drop(db, c->id);
	return rc == DB_OK ? unread_forget(db, c->id) : rc;
}

/* Ends all connections of a chatter. */
static enum db_rc
drop_all(struct db *db, const struct room *room, struct chatter_id id)
{
	struct presence_ref row = { .room = room->id, .chatter = id };
	enum db_rc rc;

	do {
		rc = presence_any(db, &row);
		must(rc != DB_NONE);
		if (rc == DB_OK)
			rc = delivery_drop(db, &row);
	} while (rc == DB_OK);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
arrivals_empty(struct db *db, const struct room *room, int limit)
{
	struct chatter_id *ids = must_alloc((size_t)limit * sizeof(*ids));
	size_t n;
	enum db_rc rc = presence_chatters(db, room->id, ids, limit, &n);

	if (rc == DB_OK && n == 0)
		rc = DB_NONE;
	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = drop_all(db, room, ids[i]);
	if (rc == DB_OK)
		rc = arrivals_tell_left(db, room, ids, n, LEAVE_ROOM_CLOSED);
	free(ids);
	return rc;
}

enum db_rc
arrivals_forget_user(struct db *db, struct user_id user)
{
	enum db_rc rc = listeners_drop_user(db, user);

	return rc == DB_OK ? unread_no_listener(db, user) : rc;
}
