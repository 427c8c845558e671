#include "db/presence.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/events.h"
#include "db/goodbyes.h"
#include "db/json.h"
#include "db/listeners.h"
#include "db/nicknames.h"
#include "db/notices.h"
#include "db/stmt.h"
#include "db/unread.h"

enum {
	ENTER,
	GIVE_WAY,
	THIN_OUT,
	TAKE_SEAT,
	GIVE_SEATS,
	ONLINE,
	COUNT,
	REMAINING,
	END,
	END_NODE,
	GOODBYE,
	LEAVE,
	PRESENT,
	SET_LEFT,
	HEARD_OWN,
	RAISE_HEARD,
	EXPIRE_OWN,
	EXPIRED,
	DROP,
	DEAD_ROWS,
	DEAD_NODES,
	DUE,
	MAKE_NODE,
	RENEW_NODE,
	NODE_IS,
	DROP_NODE,
	ROWS,
	N_SQL
};

#define OF_ROOM(column) \
	"(SELECT " column " FROM room WHERE room.id = presence.room)"
#define GRACE OF_ROOM("grace")
#define SAID  OF_ROOM("last_message")
#define HEARD "coalesce(heard, " SAID ")"

static const char *const sql[N_SQL] = {
	[ENTER] = "INSERT INTO presence"
		  " (room, chatter, conn, transport, node, expires, heard)"
		  " VALUES (?, ?, ?, ?, ?, ?, iif(?,"
		  " (SELECT last_message FROM room WHERE id = ?1), NULL))",
	[GIVE_WAY] = "DELETE FROM presence WHERE chatter = ?"
		     " AND (conn = ? OR transport = ?)",
	[THIN_OUT] = "DELETE FROM presence WHERE id IN (SELECT id FROM presence"
		     " WHERE chatter = ? AND node IS NULL"
		     " ORDER BY expires DESC, id DESC LIMIT -1 OFFSET ?)",
	/* The count is looked at where it is changed: nobody races past it. */
	[TAKE_SEAT] = "UPDATE room SET online = online + 1 WHERE id = ?"
		      " AND (online < capacity OR owner = ?)",
	[GIVE_SEATS] = "UPDATE room SET online = online - ? WHERE id = ?",
	[ONLINE] = "SELECT 1 FROM presence WHERE chatter = ? LIMIT 1",
	[COUNT] = "SELECT online FROM room WHERE id = ?",
	[REMAINING] = "SELECT expires FROM presence"
		      " WHERE chatter = ? AND conn = ?",
	[END] = "UPDATE presence SET node = NULL, heard = " SAID
		", expires = ? + " GRACE " WHERE id = ? AND node IS NOT NULL",
	[END_NODE] = "UPDATE presence SET node = NULL, heard = " SAID
		     ", expires = ? + " GRACE " WHERE node = ?",
	/* Never later than it would have ended by itself. */
	[GOODBYE] = "UPDATE presence SET node = NULL, heard = " HEARD
		    ", expires = ?1 + " GRACE " WHERE conn = ?2 AND chatter IN"
		    " (SELECT id FROM chatter WHERE user = ?3)"
		    " AND (expires IS NULL OR expires > ?1 + " GRACE ")",
	[LEAVE] = "DELETE FROM presence WHERE chatter = ?",
	[PRESENT] = "SELECT DISTINCT chatter FROM presence WHERE room = ?"
		    " ORDER BY chatter LIMIT ?",
	[SET_LEFT] = "UPDATE chatter SET left_at = ? WHERE id = ?",
	[EXPIRE_OWN] = "DELETE FROM presence WHERE chatter = ?"
		       " AND expires <= ?",
	[HEARD_OWN] = "SELECT max(" HEARD ") FROM presence"
		      " WHERE chatter = ? AND expires <= ?"
		      " GROUP BY chatter",
	[RAISE_HEARD] = "UPDATE presence SET heard = max(heard, ?)"
			" WHERE chatter = ? AND heard IS NOT NULL",
	[EXPIRED] = "SELECT id, room, chatter, " HEARD " FROM presence"
		    " WHERE expires <= ? ORDER BY expires LIMIT ?",
	[DROP] = "DELETE FROM presence WHERE id = ?",
	[DEAD_ROWS] = "UPDATE presence SET node = NULL, heard = " SAID
		      ", expires = ?1 + " GRACE
		      " WHERE node IN (SELECT id FROM node WHERE lease < ?2)",
	[DEAD_NODES] = "DELETE FROM node WHERE lease < ?",
	[DUE] = "SELECT 1 FROM presence WHERE expires <= ?1 UNION ALL"
		" SELECT 1 FROM node WHERE lease < ?2 LIMIT 1",
	[MAKE_NODE] = "INSERT INTO node (lease) VALUES (?)",
	[NODE_IS] = "SELECT 1 FROM node WHERE id = ?",
	[RENEW_NODE] = "UPDATE node SET lease = ? WHERE id = ?",
	[DROP_NODE] = "DELETE FROM node WHERE id = ?",
	/* Counts along an index; no more rows than connections. */
	[ROWS] = "SELECT count(*) FROM presence WHERE room > 0",
};
const struct sql presence_sql = { SQL_PRESENCE, sql, N_SQL };

static const char *const changes[] = {
	[PRESENCE_JOINED] = "joined",
	[PRESENCE_LEFT] = "left",
	[PRESENCE_RENAMED] = "renamed",
	[PRESENCE_CHANGED] = "changed",
};

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

enum db_rc
presence_tell(struct db *db, const struct room *room,
    enum presence_change change, const struct buf *items, int64_t ends)
{
	struct scope scope = { SCOPE_ROOM, room->id.n };
	struct buf data = BUF_INIT;
	int64_t count;
	enum db_rc rc;

	rc = stmt_one(db, &presence_sql, COUNT, ARGS(INT(room->id.n)), &count);
	if (rc != DB_OK)
		return rc;
	buf_addf(
	    &data, "{\"room\":\"%s\",\"%s\":[", room->name.s, changes[change]);
	buf_add(&data, items->p, items->len);
	buf_addf(&data, "],\"count\":%lld}", (long long)count);
	rc = events_append(db, scope, EVENT_PRESENCE, &data, ends);
	buf_done(&data);
	return rc;
}

static enum db_rc
tell_joined(struct db *db, const struct room *room, struct chatter_id id)
{
	struct buf item = BUF_INIT;
	enum db_rc rc = chatters_add_json(db, id, &item);

	if (rc == DB_OK)
		rc = presence_tell(
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

	return presence_tell(
	    db, room, PRESENCE_LEFT, &nobody, ends_of(id, reason));
}

/* Chatters whose last rows are gone: seats free, one event, one notice. */
static enum db_rc
tell_left(struct db *db, const struct room *room, const struct chatter_id *ids,
    size_t n, enum leave_reason reason)
{
	enum notice notice = (enum notice)reason;
	int64_t ends = EVENT_ENDS_NOBODY;
	struct buf items = BUF_INIT;
	enum db_rc rc;

	if (reason == LEAVE_LEFT || reason == LEAVE_REMOVED) {
		must(n == 1);
		ends = ends_of(ids[0], reason);
	}
	rc = stmt_run(db, &presence_sql, GIVE_SEATS,
	    ARGS(INT((int64_t)n), INT(room->id.n)));
	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		if (i > 0)
			buf_addc(&items, ',');
		rc = chatters_add_json_and(
		    db, ids[i], "reason", notices_reason(notice), &items);
	}
	if (rc == DB_OK)
		rc = presence_tell(db, room, PRESENCE_LEFT, &items, ends);
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

/*
 * A row of ID has gone that heard up to HEARD, which others of its rows need
 * not have.  DB_OK: there are others; DB_NONE: that was the last.
 */
static enum db_rc
left_with(struct db *db, struct chatter_id id, struct message_id heard)
{
	enum db_rc rc = presence_online(db, id);

	return rc == DB_OK ? stmt_run(db, &presence_sql, RAISE_HEARD,
				 ARGS(INT(heard.n), INT(id.n))) :
			     rc;
}

/*
 * Does for CHATTER what the reaper has not come to, so that who returns after
 * the grace left before.  DB_OK: online; DB_NONE: not.
 */
static enum db_rc
settle(struct db *db, const struct room *room, struct chatter_id id)
{
	struct args args = ARGS(INT(id.n), INT(clock_lease()));
	struct message_id heard;
	enum db_rc rc, expired;

	expired = stmt_one(db, &presence_sql, HEARD_OWN, args, &heard.n);
	if (expired != DB_OK && expired != DB_NONE)
		return expired;
	if (expired == DB_NONE)
		return presence_online(db, id);
	rc = stmt_run(db, &presence_sql, EXPIRE_OWN, args);
	if (rc == DB_OK)
		rc = left_with(db, id, heard);
	if (rc != DB_NONE)
		return rc;
	rc = unread_absent(db, room->id, id, heard);
	if (rc == DB_OK)
		rc = tell_left(db, room, &id, 1, LEAVE_TIMEOUT);
	return rc == DB_OK ? DB_NONE : rc;
}

static enum db_rc
insert(struct db *db, const struct chatter *c, const struct entry *e,
    struct presence_id *id)
{
	int stream = e->transport == TRANSPORT_STREAM;
	/* With a node that has been reaped nobody would ever end the row. */
	enum db_rc rc = stream ? nodes_check(db, e->node) : DB_OK;

	if (rc == DB_OK)
		rc = stmt_run(db, &presence_sql, GIVE_WAY,
		    ARGS(INT(c->id.n), TEXT(e->conn), INT(TRANSPORT_JOIN)));
	if (rc == DB_OK)
		rc = stmt_run(db, &presence_sql, THIN_OUT,
		    ARGS(INT(c->id.n), INT(PRESENCE_LEASES_MAX - 1)));
	if (rc != DB_OK)
		return rc;
	rc = stmt_run(db, &presence_sql, ENTER,
	    ARGS(INT(c->room.n), INT(c->id.n), TEXT(e->conn),
		INT((int64_t)e->transport), stream ? INT(e->node.n) : NULL_ARG,
		stream ? NULL_ARG : INT(clock_lease() + e->lease_ms),
		INT(e->transport == TRANSPORT_JOIN)));
	if (rc == DB_OK)
		id->n = stmt_last_id(db);
	return rc;
}

/* For who was offline: a seat and a nickname of one's own. */
static enum db_rc
take_seat(struct db *db, const struct room *room, const struct chatter *c,
    enum problem *why)
{
	enum db_rc rc;

	if (room_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = stmt_run(db, &presence_sql, TAKE_SEAT,
	    ARGS(INT(room->id.n), INT(c->user.n)));
	if (rc == DB_OK && stmt_changes(db) == 0)
		return refuse(why, PROBLEM_ROOM_FULL);
	return rc == DB_OK ? nicknames_tell_apart(db, c) : rc;
}

enum db_rc
presence_enter(struct db *db, const struct room *room, const struct chatter *c,
    const struct entry *e, struct presence_id *id, enum problem *why)
{
	enum db_rc rc, was;

	must(c->room.n == room->id.n);
	*why = PROBLEM_NONE;
	was = settle(db, room, c->id);
	if (was != DB_OK && was != DB_NONE)
		return was;
	rc = was == DB_NONE ? take_seat(db, room, c, why) : DB_OK;
	if (rc == DB_OK)
		rc = insert(db, c, e, id);
	if (rc == DB_OK && was == DB_NONE)
		rc = unread_present(db, room->id, c->id);
	if (rc == DB_OK && was == DB_NONE)
		rc = tell_joined(db, room, c->id);
	return rc;
}

enum db_rc
presence_end(struct db *db, const struct presence_id *ids, size_t n)
{
	int64_t now = clock_lease();
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = stmt_run(
		    db, &presence_sql, END, ARGS(INT(now), INT(ids[i].n)));
	return rc;
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
		rc = goodbyes_say(db, user, conn);
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

	rc = stmt_run(
	    db, &presence_sql, SET_LEFT, ARGS(INT(clock_wall()), INT(c->id.n)));
	if (rc == DB_OK)
		rc = stmt_run(db, &presence_sql, LEAVE, ARGS(INT(c->id.n)));
	if (rc == DB_OK && stmt_changes(db) > 0)
		rc = tell_left(db, room, &c->id, 1, reason);
	else if (rc == DB_OK && room_expired(room))
		rc = end_unseen(db, room, c->id, reason);
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

enum db_rc
presence_empty(struct db *db, const struct room *room, int limit)
{
	struct chatter_id *ids = must_alloc((size_t)limit * sizeof(*ids));
	size_t n;
	enum db_rc rc = find_present(db, room->id, ids, limit, &n);

	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		rc = stmt_run(db, &presence_sql, LEAVE, ARGS(INT(ids[i].n)));
		if (rc == DB_OK)
			rc = unread_absent(db, room->id, ids[i],
			    (struct message_id){ INT64_MAX });
	}
	if (rc == DB_OK)
		rc = tell_left(db, room, ids, n, LEAVE_ROOM_CLOSED);
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

/* A row whose time is over. */
struct expired {
	int64_t id;
	struct room_id room;
	struct chatter_id chatter;
	struct message_id heard;
};

static int
by_room_chatter_and_heard(const void *a, const void *b)
{
	const struct expired *x = a, *y = b;

	if (x->room.n != y->room.n)
		return x->room.n < y->room.n ? -1 : 1;
	if (x->chatter.n != y->chatter.n)
		return x->chatter.n < y->chatter.n ? -1 : 1;
	return (x->heard.n > y->heard.n) - (x->heard.n < y->heard.n);
}

/* Read before any is deleted: a statement must not change what it walks. */
static enum db_rc
find_expired(struct db *db, struct expired *rows, int limit, size_t *n)
{
	struct stmt *s = stmt_begin(
	    db, &presence_sql, EXPIRED, ARGS(INT(clock_lease()), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK) {
		rows[*n].id = stmt_int(s, 0);
		rows[*n].room.n = stmt_int(s, 1);
		rows[*n].chatter.n = stmt_int(s, 2);
		rows[(*n)++].heard.n = stmt_int(s, 3);
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

/* Deletes N rows of one room and tells it about who is gone by that. */
static enum db_rc
expire_in_room(struct db *db, const struct expired *rows, size_t n,
    struct chatter_id *gone)
{
	enum db_rc rc = DB_OK;
	struct room room;
	size_t left = 0;

	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = stmt_run(db, &presence_sql, DROP, ARGS(INT(rows[i].id)));
	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		/* The last of its rows is the one that heard most. */
		if (i + 1 < n && rows[i].chatter.n == rows[i + 1].chatter.n)
			continue;
		rc = left_with(db, rows[i].chatter, rows[i].heard);
		if (rc == DB_NONE) {
			gone[left++] = rows[i].chatter;
			rc = unread_absent(
			    db, rows[i].room, rows[i].chatter, rows[i].heard);
		}
	}
	if (rc == DB_OK && left > 0)
		rc = rooms_get(db, rows[0].room, &room);
	if (rc == DB_OK && left > 0)
		rc = tell_left(db, &room, gone, left, LEAVE_TIMEOUT);
	return rc;
}

static enum db_rc
expire(struct db *db, int limit, int *did)
{
	struct expired *rows = must_alloc((size_t)limit * sizeof(*rows));
	struct chatter_id *gone = must_alloc((size_t)limit * sizeof(*gone));
	size_t n, end;
	enum db_rc rc = find_expired(db, rows, limit, &n);

	if (n > 0)
		*did = 1;
	qsort(rows, n, sizeof(*rows), by_room_chatter_and_heard);
	for (size_t i = 0; rc == DB_OK && i < n; i = end) {
		for (end = i; end < n && rows[end].room.n == rows[i].room.n;)
			end++;
		rc = expire_in_room(db, rows + i, end - i, gone);
	}
	free(rows);
	free(gone);
	return rc;
}

static enum db_rc
end_dead_nodes(struct db *db, int64_t patience_ms, int *did)
{
	int64_t now = clock_lease(), dead = now - patience_ms;
	enum db_rc rc;

	rc = stmt_run(db, &presence_sql, DEAD_ROWS, ARGS(INT(now), INT(dead)));
	if (rc == DB_OK)
		rc = listeners_end_dead(db, dead);
	if (rc == DB_OK)
		rc = stmt_run(db, &presence_sql, DEAD_NODES, ARGS(INT(dead)));
	if (rc == DB_OK && stmt_changes(db) > 0)
		*did = 1;
	return rc;
}

enum db_rc
presence_reap(struct db *db, int64_t patience_ms, int limit)
{
	enum db_rc rc;
	int did = 0;

	must(limit > 0);
	rc = end_dead_nodes(db, patience_ms, &did);
	if (rc == DB_OK)
		rc = expire(db, limit, &did);
	if (rc == DB_OK)
		rc = listeners_reap(db, limit);
	return rc == DB_NONE && did ? DB_OK : rc;
}

enum db_rc
presence_due(struct db *db, int64_t patience_ms)
{
	int64_t now = clock_lease(), one;
	enum db_rc rc = stmt_one(db, &presence_sql, DUE,
	    ARGS(INT(now), INT(now - patience_ms)), &one);

	return rc == DB_NONE ? listeners_due(db) : rc;
}

enum db_rc
nodes_make(struct db *db, int64_t lease_ms, struct node_id *node)
{
	enum db_rc rc = stmt_run(
	    db, &presence_sql, MAKE_NODE, ARGS(INT(clock_lease() + lease_ms)));

	if (rc == DB_OK)
		node->n = stmt_last_id(db);
	return rc;
}

enum db_rc
nodes_renew(struct db *db, struct node_id node, int64_t lease_ms)
{
	enum db_rc rc = stmt_run(db, &presence_sql, RENEW_NODE,
	    ARGS(INT(clock_lease() + lease_ms), INT(node.n)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}

enum db_rc
nodes_end(struct db *db, struct node_id node)
{
	enum db_rc rc = stmt_run(
	    db, &presence_sql, END_NODE, ARGS(INT(clock_lease()), INT(node.n)));

	if (rc == DB_OK)
		rc = listeners_end_node(db, node);
	if (rc == DB_OK)
		rc = stmt_run(db, &presence_sql, DROP_NODE, ARGS(INT(node.n)));
	return rc;
}

enum db_rc
nodes_check(struct db *db, struct node_id node)
{
	int64_t found;
	enum db_rc rc =
	    stmt_one(db, &presence_sql, NODE_IS, ARGS(INT(node.n)), &found);

	return rc == DB_NONE ? DB_BUSY : rc;
}

enum db_rc
presence_count(struct db *db, int64_t *rows)
{
	return stmt_one(db, &presence_sql, ROWS, NO_ARGS, rows);
}
