/*
 * presence: who is in a room now, as leases in rows.
 *
 * A chatter is online iff a presence row exists.  A row is one connection: a
 * stream's has no expiry of its own and lives with the lease of its node
 * (db/rows/nodes.h); a join's and a poll's row expires at a lease time.  When a
 * stream ends, its row expires the room's grace later.  db/rows/expiry.h deletes
 * what has expired.  When a chatter's last row goes, it appends the `presence`
 * event and the leave notice in the same transaction.  So refreshes, two tabs,
 * network switches, crashes and restarts need no code of their own, and there
 * are no timers per chatter.
 *
 * Expiry is in lease time (db/base/clock.h), which wall-clock jumps do not
 * touch.  When the machine has been restarted (another boot id) the first
 * store_open gives every row its room's grace from then on.
 */
#ifndef DB_ROWS_PRESENCE_H
#define DB_ROWS_PRESENCE_H

#include "db/rows/chatters.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/chat/notices.h"
#include "db/base/problem.h"
#include "db/rows/rooms.h"

enum transport { TRANSPORT_JOIN, TRANSPORT_STREAM, TRANSPORT_POLL };

/* How a connection is present. */
struct entry {
	enum transport transport;
	const char *conn; /* the connection's name; lent */
	struct node_id node; /* of a stream */
	int64_t lease_ms; /* of a join or poll, from now on */
	int64_t grace_ms; /* of a listener, after its end */
	/* of a stream or poll: see struct hearing_start and db/rows/delivered.h */
	int64_t cursor;
	int proven;
	int64_t slot; /* of a stream; 0: none */
};

enum { PRESENCE_LEASES_MAX = 16 }; /* of one chatter */

/*
 * In a write transaction: CHATTER (not left) is present by this connection;
 * a row of the same conn and any of the transport TRANSPORT_JOIN gives way.
 * Of the leases that run out by themselves only the longest are kept, no more
 * than PRESENCE_LEASES_MAX: connections can be named at will.
 * If it was offline: `presence` joined and the join notice; the nickname, if
 * somebody who is online has it by now, gets a number behind it.
 * DB_CONFLICT with *WHY: room_full (never for who is online or the owner),
 * room_expired (only for who is offline).  DB_BUSY: the stream's node has
 * been reaped; there will be another.
 */
enum db_rc presence_enter(struct db *, const struct room *,
    const struct chatter *, const struct entry *, struct presence_id *,
    enum problem *why) DB_CHECK;

/*
 * In a write transaction: the stream of this row has ended, having delivered
 * everything up to the seq UPTO; the row expires its room's grace from now.
 * One that is gone is passed over.
 */
enum db_rc presence_end(struct db *, struct presence_id, int64_t upto) DB_CHECK;

/*
 * In a write transaction: USER says that the connection CONN ends now.  Its
 * rows expire a grace from now, and if a stream is still open `goodbye` ends
 * it.  A name that nobody has is remembered all the same (db/rows/disconnects.h).
 */
enum db_rc presence_goodbye(
    struct db *, struct user_id, const char *conn) DB_CHECK;

enum leave_reason {
	LEAVE_LEFT = NOTICE_LEFT,
	LEAVE_TIMEOUT = NOTICE_TIMEOUT,
	LEAVE_REMOVED = NOTICE_REMOVED,
	LEAVE_ROOM_CLOSED = NOTICE_ROOM_CLOSED /* the room has expired */
};

/*
 * In a write transaction: the last rows of the N chatters IDS are gone, which
 * frees their seats: one `presence` and one notice.
 */
enum db_rc presence_tell_left(struct db *, const struct room *,
    const struct chatter_id *ids, size_t n, enum leave_reason) DB_CHECK;

/*
 * In a write transaction: CHATTER leaves ROOM now: LEFT is set, all rows go,
 * and if it was online `presence` left and one notice are appended; the
 * event ends the chatter's subscriptions.
 */
enum db_rc presence_leave(struct db *, const struct room *,
    const struct chatter *, enum leave_reason) DB_CHECK;

/*
 * In a write transaction: at most LIMIT of those who are in ROOM, which has
 * expired, are there no more: one `presence` and their notices.  They are
 * members as before.  DB_NONE: nobody is there.
 */
enum db_rc presence_empty(struct db *, const struct room *, int limit) DB_CHECK;

/* DB_OK: online; DB_NONE: not. */
enum db_rc presence_online(struct db *, struct chatter_id) DB_CHECK;

/*
 * How many ms of its lease the row of CONN has left (a stream's: INT64_MAX).
 * DB_NONE: there is no such row.  A poller renews only when this is short.
 */
enum db_rc presence_remaining(
    struct db *, struct chatter_id, const char *conn, int64_t *ms) DB_CHECK;

/* Rows there are now: for metrics. */
enum db_rc presence_count(struct db *, int64_t *rows) DB_CHECK;

/* In a write transaction: deletes all rows of a room. */
enum db_rc presence_drop_room(struct db *, struct room_id) DB_CHECK;

#endif
