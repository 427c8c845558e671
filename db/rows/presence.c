#include "db/rows/presence.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/rows/chatters.h"
#include "db/rows/disconnects.h"
#include "db/rows/hearing.h"
#include "db/rows/leases.h"
#include "db/rows/json.h"
#include "db/rows/listeners.h"
#include "db/chat/nicknames.h"
#include "db/chat/presence_events.h"
#include "db/rows/nodes.h"
#include "db/chat/notices.h"
#include "db/rows/sql.h"
#include "db/chat/unread.h"

enum {
	ENTER,
	ONLINE,
	REMAINING,
	END,
	GOODBYE,
	LEAVE,
	PRESENT,
	OWN_EXPIRED,
	ANY_OF,
	ROWS,
	DROP_ROOM,
	N_SQL
};

#define GRACE "(SELECT grace FROM room WHERE room.id = presence.room)"

static const char *const sql[N_SQL] = {
	[ENTER] = "INSERT INTO presence"
		  " (room, chatter, conn, transport, node, expires, since,"
		  " upto, slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		  " RETURNING id",
	[ONLINE] = "SELECT 1 FROM presence WHERE chatter = ? LIMIT 1",
	[REMAINING] = "SELECT expires FROM presence"
		      " WHERE chatter = ? AND conn = ?",
	/* A goodbye may have come before the end. */
	[END] = "UPDATE presence SET node = NULL, slot = NULL,"
		" upto = max(upto, ?3), expires = iif(node IS NULL, expires,"
		" ?1 + " GRACE ") WHERE id = ?2",
	/* Never later than it would have ended by itself. */
	[GOODBYE] = "UPDATE presence SET node = NULL,"
		    " expires = ?1 + " GRACE " WHERE conn = ?2 AND chatter IN"
		    " (SELECT id FROM chatter WHERE person = ?3)"
		    " AND (expires IS NULL OR expires > ?1 + " GRACE ")",
	[LEAVE] = "DELETE FROM presence WHERE chatter = ?",
	[PRESENT] = "SELECT DISTINCT chatter FROM presence WHERE room = ?"
		    " ORDER BY chatter LIMIT ?",
	[OWN_EXPIRED] = "SELECT id FROM presence WHERE chatter = ?"
			" AND expires <= ? LIMIT 1",
	[ANY_OF] = "SELECT id FROM presence WHERE chatter = ? LIMIT 1",
	/* Counts along an index; no more rows than connections. */
	[ROWS] = "SELECT count(*) FROM presence WHERE room > 0",
	[DROP_ROOM] = "DELETE FROM presence WHERE room = ?",
};
const struct sql presence_sql = { SQL_PRESENCE, sql, N_SQL };

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

/* What the leaving of ID ends, for REASON. */
static int64_t
ends_of(struct chatter_id id, enum leave_reason reason)
{
	return reason == LEAVE_REMOVED ? EVENT_ENDS_REMOVED(id.n) : id.n;
}

/* Who hears a room that has expired is not present, and nobody sees him go. */
static enum db_rc
end_unseen(struct db *db, const struct room *room, struct chatter_id id,
    enum leave_reason reason)
{
	struct buf nobody = BUF_INIT;

	return presence_events_tell(
	    db, room, PRESENCE_LEFT, &nobody, ends_of(id, reason));
}

enum db_rc
presence_tell_left(struct db *db, const struct room *room,
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

enum db_rc
presence_online(struct db *db, struct chatter_id id)
{
	int64_t one;

	return stmt_one(db, &presence_sql, ONLINE, ARGS(INT(id.n)), &one);
}

/* A row of the chatter's that has expired; DB_NONE: there is none. */
static enum db_rc
find_expired(struct db *db, struct hearing_row *row)
{
	return stmt_one(db, &presence_sql, OWN_EXPIRED,
	    ARGS(INT(row->chatter.n), INT(clock_lease())), &row->id.n);
}

/*
 * Does for CHATTER what the reaper has not come to, so that who returns after
 * the grace left before.  DB_OK: online; DB_NONE: not.
 */
static enum db_rc
settle(struct db *db, const struct room *room, struct chatter_id id)
{
	struct hearing_row row = { .room = room->id, .chatter = id };
	enum db_rc rc, left = DB_OK;

	rc = find_expired(db, &row);
	if (rc == DB_OK && (rc = leases_look(db)) == DB_NONE)
		rc = DB_OK;
	while (rc == DB_OK && (rc = find_expired(db, &row)) == DB_OK) {
		left = hearing_drop(db, &row);
		if (left != DB_OK && left != DB_NONE)
			return left;
	}
	if (rc == DB_NONE && left == DB_NONE)
		rc = presence_tell_left(db, room, &id, 1, LEAVE_TIMEOUT);
	else if (rc == DB_NONE)
		return presence_online(db, id);
	return rc == DB_OK ? DB_NONE : rc;
}

/*
 * What the new row of C is known to have been delivered.  Who was not online
 * misses everything up to now as an absence.
 */
static enum db_rc
begin_hearing(struct db *db, const struct chatter *c, const struct entry *e,
    enum db_rc was, struct span *span)
{
	struct hearing_start start = { e->cursor, e->proven };
	struct log_state log = { .head = 0 };
	enum db_rc rc = DB_OK;

	if (was == DB_NONE || e->transport == TRANSPORT_JOIN)
		rc = events_state(db, &log);
	if (rc == DB_OK && was == DB_NONE) {
		span->since = span->upto = log.head;
		return DB_OK;
	}
	/* The picture that answers a join is of now at the earliest. */
	if (rc == DB_OK && e->transport == TRANSPORT_JOIN)
		start = (struct hearing_start){ log.head, 1 };
	return rc == DB_OK ? hearing_begin(db, c->id, e->conn, &start,
				 PRESENCE_LEASES_MAX - 1, span) :
			     rc;
}

static enum db_rc
insert(struct db *db, const struct chatter *c, const struct entry *e,
    const struct span *span, struct presence_id *id)
{
	int stream = e->transport == TRANSPORT_STREAM;
	/* With a node that has been reaped nobody would ever end the row. */
	enum db_rc rc = stream ? nodes_check(db, e->node) : DB_OK;

	if (rc != DB_OK)
		return rc;
	return stmt_insert(db, &presence_sql, ENTER,
	    ARGS(INT(c->room.n), INT(c->id.n), TEXT(e->conn),
		INT((int64_t)e->transport), stream ? INT(e->node.n) : NULL_ARG,
		stream ? NULL_ARG : INT(clock_lease() + e->lease_ms),
		INT(span->since), INT(span->upto), INT_OR_NULL(e->slot)),
	    &id->n);
}

/* For who was offline: a seat and a nickname of one's own. */
static enum db_rc
take_seat(struct db *db, const struct room *room, const struct chatter *c,
    enum problem *why)
{
	enum db_rc rc;

	if (room_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = rooms_take_seat(db, room->id, c->user);
	if (rc == DB_CONFLICT)
		return refuse(why, PROBLEM_ROOM_FULL);
	return rc == DB_OK ? nicknames_tell_apart(db, c) : rc;
}

enum db_rc
presence_enter(struct db *db, const struct room *room, const struct chatter *c,
    const struct entry *e, struct presence_id *id, enum problem *why)
{
	struct span span;
	enum db_rc rc, was;

	must(c->room.n == room->id.n);
	*why = PROBLEM_NONE;
	was = settle(db, room, c->id);
	if (was != DB_OK && was != DB_NONE)
		return was;
	rc = was == DB_NONE ? take_seat(db, room, c, why) : DB_OK;
	if (rc == DB_OK)
		rc = begin_hearing(db, c, e, was, &span);
	if (rc == DB_OK)
		rc = insert(db, c, e, &span, id);
	if (rc == DB_OK && was == DB_NONE)
		rc = unread_present(db, room->id, c->id);
	if (rc == DB_OK && was == DB_NONE)
		rc = tell_joined(db, room, c->id);
	return rc;
}

enum db_rc
presence_end(struct db *db, struct presence_id id, int64_t upto)
{
	return stmt_run(db, &presence_sql, END,
	    ARGS(INT(clock_lease()), INT(id.n), INT(upto)));
}

enum db_rc
presence_goodbye(struct db *db, struct user_id user, const char *conn)
{
	struct scope scope = { SCOPE_USER, user.n };
	struct buf data = BUF_INIT;
	int64_t changed;
	enum db_rc rc;

	rc = stmt_run(db, &presence_sql, GOODBYE,
	    ARGS(INT(clock_lease()), TEXT(conn), INT(user.n)));
	changed = stmt_changes(db);
	if (rc == DB_OK)
		rc = listeners_goodbye(db, user, conn);
	changed += stmt_changes(db);
	if (rc == DB_OK)
		rc = disconnects_say(db, user, conn);
	if (rc != DB_OK || changed == 0)
		return rc;
	buf_adds(&data, "{\"conn\":");
	json_add_text(&data, conn);
	buf_addc(&data, '}');
	rc = events_append(
	    db, scope, EVENT_GOODBYE, &data, event_ends_conn(conn));
	buf_done(&data);
	return rc;
}

enum db_rc
presence_leave(struct db *db, const struct room *room, const struct chatter *c,
    enum leave_reason reason)
{
	enum db_rc rc;

	rc = chatters_set_left(db, c->id, clock_wall());
	if (rc == DB_OK)
		rc = stmt_run(db, &presence_sql, LEAVE, ARGS(INT(c->id.n)));
	if (rc == DB_OK && stmt_changes(db) > 0)
		rc = presence_tell_left(db, room, &c->id, 1, reason);
	else if (rc == DB_OK && room_expired(room))
		rc = end_unseen(db, room, c->id, reason);
	if (rc == DB_OK)
		rc = hearing_forget(db, c->id);
	return rc == DB_OK ? unread_forget(db, c->id) : rc;
}

static enum db_rc
find_present(struct db *db, struct room_id room, struct chatter_id *ids,
    int limit, size_t *n)
{
	struct stmt *s = stmt_begin(
	    db, &presence_sql, PRESENT, ARGS(INT(room.n), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		ids[(*n)++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE && *n > 0 ? DB_OK : rc;
}

/* All connections of a chatter end. */
static enum db_rc
drop_all(struct db *db, const struct room *room, struct chatter_id id)
{
	struct hearing_row row = { .room = room->id, .chatter = id };
	enum db_rc rc;

	do {
		rc = stmt_one(
		    db, &presence_sql, ANY_OF, ARGS(INT(id.n)), &row.id.n);
		must(rc != DB_NONE);
		if (rc == DB_OK)
			rc = hearing_drop(db, &row);
	} while (rc == DB_OK);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
presence_empty(struct db *db, const struct room *room, int limit)
{
	struct chatter_id *ids = must_alloc((size_t)limit * sizeof(*ids));
	size_t n;
	enum db_rc rc = find_present(db, room->id, ids, limit, &n);

	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = drop_all(db, room, ids[i]);
	if (rc == DB_OK)
		rc = presence_tell_left(db, room, ids, n, LEAVE_ROOM_CLOSED);
	free(ids);
	return rc;
}

enum db_rc
presence_remaining(
    struct db *db, struct chatter_id id, const char *conn, int64_t *ms)
{
	struct stmt *s = stmt_begin(
	    db, &presence_sql, REMAINING, ARGS(INT(id.n), TEXT(conn)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		*ms = stmt_is_null(s, 0) ? INT64_MAX :
					   stmt_int(s, 0) - clock_lease();
	stmt_end(s);
	return rc;
}

enum db_rc
presence_count(struct db *db, int64_t *rows)
{
	return stmt_one(db, &presence_sql, ROWS, NO_ARGS, rows);
}

enum db_rc
presence_drop_room(struct db *db, struct room_id room)
{
	return stmt_run(db, &presence_sql, DROP_ROOM, ARGS(INT(room.n)));
}
