/*
 * arrivals: entering and leaving rooms: enter, listen, goodbye, leave.
 *
 * A chatter is online iff a presence row exists (db/rows/presence.h), one for
 * each connection.  When a stream ends, its row expires the room's grace
 * later; db/chat/expiry.h deletes what has expired.  When a chatter's last row
 * goes, the `presence` event and the leave notice are appended in the same
 * transaction.  So refreshes, two tabs, network switches, crashes and restarts
 * need no code of their own, and there are no timers per chatter.
 *
 * The same connections are listeners (db/rows/listeners.h) of their user's own
 * queue.  All calls are made in a write transaction.
 */
#ifndef DB_CHAT_ARRIVALS_H
#define DB_CHAT_ARRIVALS_H

#include "db/base/problem.h"
#include "db/chat/notices.h"
#include "db/engine/db.h"
#include "db/rows/chatters.h"
#include "db/rows/ids.h"
#include "db/rows/presence.h"
#include "db/rows/rooms.h"

/* How a connection is present. */
struct entry {
	enum transport transport;
	const char *conn; /* the connection's name; lent */
	struct node_id node; /* of a stream */
	int64_t lease_ms; /* of a join or poll, from now on */
	int64_t grace_ms; /* of a listener, after its end */
	/* of a stream or poll: see struct delivery_start and last_delivered.h */
	int64_t cursor;
	int proven;
	int64_t slot; /* of the row; 0: none */
	struct last_delivered *notes; /* of polls; NULL: the process has none */
};

enum { PRESENCE_LEASES_MAX = 16 }; /* of one chatter */

/*
 * CHATTER (not left) is present by this connection.  The new row replaces the
 * row of the same conn and any row of TRANSPORT_JOIN.  Of the leases that
 * expire by themselves only the PRESENCE_LEASES_MAX longest are kept, because
 * clients name connections at will.  If CHATTER was offline, `presence` joined
 * and the join notice are appended, and the nickname gets a number behind it
 * if someone who is online has it by now.  DB_CONFLICT with *WHY: room_full
 * (never for a chatter who is online or the owner), room_expired (only for a
 * chatter who is offline).  DB_BUSY: the stream's node has been reaped; there
 * will be another.
 */
enum db_rc arrivals_enter(struct db *, const struct room *,
    const struct chatter *, const struct entry *, struct presence_id *,
    enum problem *why) DB_CHECK;

/*
 * USER listens by this connection.  The new row replaces the row of the same
 * conn.  At most PRESENCE_LEASES_MAX rows that expire by themselves are kept.
 * DB_BUSY: the stream's node has been reaped.
 */
enum db_rc arrivals_listen(struct db *, struct user_id, const struct entry *,
    struct listener_id *) DB_CHECK;

/*
 * A stream has ended after delivering everything up to the seq UPTO: its row
 * expires its room's grace from now, and its listener a grace from now.  A row
 * that is gone is skipped.
 */
enum db_rc arrivals_end(struct db *, struct presence_id, int64_t upto) DB_CHECK;
enum db_rc arrivals_end_listener(struct db *, struct listener_id) DB_CHECK;

/*
 * USER says that the connection CONN ends now.  Its rows expire a grace from
 * now, and if a stream is still open `goodbye` ends it.  The name is
 * remembered even if no connection has it (db/rows/disconnects.h).
 */
enum db_rc arrivals_goodbye(
    struct db *, struct user_id, const char *conn) DB_CHECK;

enum leave_reason {
	LEAVE_LEFT = NOTICE_LEFT,
	LEAVE_TIMEOUT = NOTICE_TIMEOUT,
	LEAVE_REMOVED = NOTICE_REMOVED,
	LEAVE_ROOM_CLOSED = NOTICE_ROOM_CLOSED /* the room has expired */
};

/*
 * The last rows of the N chatters IDS are gone, which frees their seats: one
 * `presence` and one notice.
 */
enum db_rc arrivals_tell_left(struct db *, const struct room *,
    const struct chatter_id *ids, size_t n, enum leave_reason) DB_CHECK;

/*
 * CHATTER leaves ROOM now: LEFT is set, all rows go, and if it was online
 * `presence` left and one notice are appended; the event ends the chatter's
 * subscriptions.
 */
enum db_rc arrivals_leave(struct db *, const struct room *,
    const struct chatter *, enum leave_reason) DB_CHECK;

/*
 * Ends the presence of at most LIMIT chatters in ROOM, which has expired: one
 * `presence` and their notices.  They stay members.  DB_NONE: nobody is
 * present.
 */
enum db_rc arrivals_empty(struct db *, const struct room *, int limit) DB_CHECK;

/* When USER is signed out or forgotten: no connection listens any more. */
enum db_rc arrivals_forget_user(struct db *, struct user_id) DB_CHECK;

#endif
