/*
 * presence: the table `presence`: who is in a room now, as leases in rows.
 *
 * A chatter is online iff a row exists.  A row is one connection: a stream's
 * has no expiry of its own and lives with the lease of its node
 * (db/rows/nodes.h); a join's and a poll's row expires at a lease time
 * (db/base/clock.h), which wall-clock jumps do not touch.
 *
 * Only this file writes the table.  db/chat/arrivals.h and db/chat/expiry.h
 * have the rules for entering and ending rows and for telling the room;
 * db/chat/delivery.h has those for delivery.  All writing calls are made in a
 * write transaction; NOW and the other times are lease times.
 */
#ifndef DB_ROWS_PRESENCE_H
#define DB_ROWS_PRESENCE_H

#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/rows/spans.h"

enum transport { TRANSPORT_JOIN, TRANSPORT_STREAM, TRANSPORT_POLL };

struct presence_draft {
	struct room_id room;
	struct chatter_id chatter;
	const char *conn; /* lent */
	enum transport transport;
	struct node_id node; /* of a stream, else 0 */
	int64_t expires; /* 0: with the node */
	struct span span; /* of the log that it was delivered */
	int64_t slot; /* see db/chat/last_delivered.h; 0: none */
};
enum db_rc presence_insert(
    struct db *, const struct presence_draft *, struct presence_id *) DB_CHECK;

/*
 * The stream of a row has ended after delivering everything up to the seq
 * UPTO; the row expires its room's grace after NOW.  A row that is gone is
 * skipped.
 */
enum db_rc presence_end(
    struct db *, struct presence_id, int64_t upto, int64_t now) DB_CHECK;

/* USER's rows of CONN expire a grace after NOW, if not before; *N of them. */
enum db_rc presence_goodbye(struct db *, struct user_id, const char *conn,
    int64_t now, int64_t *n) DB_CHECK;

/* Rows of nodes whose lease was over before DEAD expire a grace after NOW. */
enum db_rc presence_end_dead(struct db *, int64_t now, int64_t dead) DB_CHECK;

/* The machine was restarted: every row expires its grace after NOW. */
enum db_rc presence_restart(struct db *, int64_t now) DB_CHECK;

/* Rows that would expire after FROM expire BY ms later. */
enum db_rc presence_shift(struct db *, int64_t from, int64_t by) DB_CHECK;

enum db_rc presence_drop(struct db *, struct presence_id) DB_CHECK;
enum db_rc presence_drop_room(struct db *, struct room_id) DB_CHECK;

/* Deletes all rows of a chatter; *N were deleted. */
enum db_rc presence_drop_chatter(
    struct db *, struct chatter_id, int64_t *n) DB_CHECK;

enum db_rc presence_set_upto(
    struct db *, struct presence_id, int64_t upto) DB_CHECK;

/* Sets UPTO back to FROM, not below SINCE, if it is TO. */
enum db_rc presence_lower_upto(
    struct db *, struct presence_id, int64_t from, int64_t to) DB_CHECK;

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

/* Fills in at most LIMIT chatters who are online in the room; *N were. */
enum db_rc presence_chatters(struct db *, struct room_id, struct chatter_id *,
    int limit, size_t *n) DB_CHECK;

/* A row, with its room and chatter. */
struct presence_ref {
	struct presence_id id;
	struct room_id room;
	struct chatter_id chatter;
};

/* Fills in at most LIMIT rows that have expired at NOW; *N were. */
enum db_rc presence_expired(struct db *, int64_t now, struct presence_ref *,
    int limit, size_t *n) DB_CHECK;

/* DB_OK: some row has expired at NOW, or some node's lease before DEAD. */
enum db_rc presence_due(struct db *, int64_t now, int64_t dead) DB_CHECK;

/* Fills in the id of a row of REF's chatter: one that has expired, or any. */
enum db_rc presence_own_expired(
    struct db *, int64_t now, struct presence_ref *) DB_CHECK;
enum db_rc presence_any(struct db *, struct presence_ref *) DB_CHECK;

/* The part of the log that a row's connection was delivered. */
struct presence_row {
	struct presence_id id;
	struct span span;
	int64_t slot; /* where more is noted; 0: nowhere */
};

/*
 * The row of that id; the row of CONN; the row of a join; and a row beyond the
 * KEEP longest of the leases that expire by themselves.  DB_NONE: there is
 * none.
 */
enum db_rc presence_get(
    struct db *, struct presence_id, struct presence_row *) DB_CHECK;
enum db_rc presence_of_conn(struct db *, struct chatter_id, const char *conn,
    struct presence_row *) DB_CHECK;
enum db_rc presence_of_join(
    struct db *, struct chatter_id, struct presence_row *) DB_CHECK;
enum db_rc presence_spare(
    struct db *, struct chatter_id, int keep, struct presence_row *) DB_CHECK;

/* DB_OK: some row of the chatter covers the span. */
enum db_rc presence_covers(
    struct db *, struct chatter_id, struct span) DB_CHECK;

/* How a row stands at the next poll of its connection. */
struct presence_standing {
	struct presence_row row;
	int64_t said; /* the newest message that counts, a seq; 0: none */
	int64_t ms; /* as presence_remaining */
};
enum db_rc presence_standing(struct db *, struct chatter_id, const char *conn,
    struct presence_standing *) DB_CHECK;

/*
 * DB_OK: raising the row's UPTO, which is *NOW, to UPTO changes a count.
 * DB_NONE: it does not, or the row is gone.
 */
enum db_rc presence_lags(
    struct db *, struct presence_id, int64_t upto, int64_t *now) DB_CHECK;

/*
 * DB_OK: some row has a slot from FIRST to LAST.  presence_slots calls FN for
 * each of those slots.
 */
enum db_rc presence_slots_used(
    struct db *, int64_t first, int64_t last) DB_CHECK;
enum db_rc presence_slots(struct db *, int64_t first, int64_t last,
    void (*fn)(int64_t slot, void *arg), void *arg) DB_CHECK;

/*
 * The next row after *ROW ({.id = {0}}: the first) that has a slot, and whose
 * UPTO is before the newest message of its room that counts.  DB_NONE: that was
 * the last.
 */
enum db_rc presence_next_lagging(struct db *, struct presence_row *) DB_CHECK;

/* In a write transaction: no row has a slot any more. */
enum db_rc presence_forget_slots(struct db *) DB_CHECK;

#endif
