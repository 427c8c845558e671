/*
 * subscription: the rooms that a client asks for, its right to them, and the
 * position to start from.
 *
 * Every transport uses the same code, in the API and in the poller: read the
 * query, check token or ticket, rooms, membership and cursor in one read
 * transaction; become present in a write transaction; then stream or answer
 * from CURSOR.  All checks are repeated at every resume.  Without any room the
 * client hears the user's own queue alone.
 */
#ifndef API_FEED_SUBSCRIPTION_H
#define API_FEED_SUBSCRIPTION_H

#include "api/http/cors.h"
#include "api/http/credentials.h"
#include "db/engine/db.h"
#include "db/rows/events.h"
#include "db/chat/delivery.h"
#include "db/rows/ids.h"
#include "db/chat/arrivals.h"
#include "api/http/problem.h"
#include "api/feed/protocol.h"

enum { SUBSCRIPTION_ROOMS_MAX = 50 };

/* From HTTP; texts lent, NULL when absent. */
struct subscription_request {
	const struct protocol *const
	    *protocols; /* those served, see protocol.h */
	const char *query; /* raw, uri_check has passed it */
	const char *token; /* from a header; NULL: none */
	const char *cookie; /* the header, where it counts */
	const char *accept;
	const char *last_event_id; /* from the header */
	int at_once; /* answered like a poll, whatever the form */
};

/* The chatter of a seat that nobody has: a service key looks on from it. */
extern const struct chatter_id subscription_onlooker;

struct seat {
	struct room_id room;
	struct chatter_id chatter;
	struct presence_id presence; /* once it is present */
	int64_t slot; /* of a poll: see db/chat/last_delivered.h; 0: none */
};

struct subscription {
	const struct protocol *protocol;
	int64_t wait; /* ms, of an answer */
	char conn[CONN_MAX + 1];
	struct user_id user;
	int64_t expires; /* of the caller's token, wall ms; 0: never */
	struct cors cors; /* of the answer; the caller fills it in */
	size_t n;
	struct seat seats[SUBSCRIPTION_ROOMS_MAX];
	struct log_state log; /* when it was checked */
	struct listener_id listener; /* after subscription_enter */
	int64_t cursor; /* go on after this seq */
	int proven; /* presented by the client, which has heard all up to it */
	int64_t slot; /* of a stream: see db/chat/last_delivered.h; 0: none */
	int recovered; /* 0: the client must reload */
	int sees_all; /* the caller may look on in any room */
	int outside; /* no presence: it could not be written */
};

/*
 * Inside db_read: fills in everything but presence, for CALLER.  REPLAY_MAX as
 * the setting.  DB_CONFLICT with *WHY: malformed_request, malformed_cursor,
 * token_required, token_invalid (see credentials_know), not_found, not_in_room,
 * banned.
 */
enum db_rc subscription_check(struct db *, const struct subscription_request *,
    struct caller *, int64_t replay_max, struct subscription *,
    enum problem *why) DB_CHECK;

/*
 * Reads the caller, as credentials_read does; TICKET is a buffer that must live
 * as long as the caller.  -1: the query is malformed.
 */
int subscription_caller(const struct subscription_request *, struct buf *ticket,
    struct caller *) __attribute__((warn_unused_result));

/*
 * Whether the caller must call subscription_enter: always for a stream; for a
 * poll only when some seat's lease, or the listener's, would not last as long
 * as ENTRY's, or the cursor changes the unread count.
 */
enum { SUBSCRIPTION_PRESENT, SUBSCRIPTION_MUST_ENTER };
enum db_rc subscription_needs(struct db *, struct subscription *,
    const struct entry *, int *needs) DB_CHECK;

/*
 * In a write transaction: presence in every seat, and a listener.  The
 * subscription's conn is used instead of ENTRY.conn.  A poll's row lives for
 * ENTRY.lease_ms and the room's grace.  DB_CONFLICT with *WHY: not_in_room,
 * banned, room_full.  There is no presence in an expired room (its history can
 * still be read), and none for a poll that its own goodbye has overtaken.
 */
enum db_rc subscription_enter(struct db *, struct subscription *,
    const struct entry *, enum problem *why) DB_CHECK;

/*
 * The same for a further room of an open stream: S has the stream's user, conn
 * and slot.  Afterward S has that room alone.  CURSOR is where to go on in
 * that room, as in a query; no more than REPLAY_MAX events are between it and
 * the log's head, or S.recovered is 0.
 */
enum db_rc subscription_check_room(struct db *, const char *room,
    const char *cursor, int64_t replay_max, struct subscription *s,
    enum problem *why) DB_CHECK;
enum db_rc subscription_enter_room(struct db *, struct subscription *,
    const struct entry *, enum problem *why) DB_CHECK;

/*
 * An answer with everything up to the seq UPTO is handed over.  Inside db_read,
 * DB_OK: subscription_told must be called; DB_NONE: it need not be.  In a write
 * transaction, subscription_told counts those events as heard; CHANGES has a
 * place for each seat, and *N are filled.
 */
enum db_rc subscription_lags(
    struct db *, const struct subscription *, int64_t upto) DB_CHECK;
enum db_rc subscription_told(struct db *, const struct subscription *,
    int64_t upto, struct delivery_change *changes, size_t *n) DB_CHECK;

/*
 * The store could not be written: the subscription hears events, but is present
 * nowhere.  The client must reconnect once the store can be written.
 */
void subscription_outside(struct subscription *);

/* The scopes to hear: every room and the user's own.  OUT has N + 1 places. */
size_t subscription_scopes(const struct subscription *, struct scope *out);

#endif
