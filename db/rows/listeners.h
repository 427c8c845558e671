/*
 * listeners: the table `listener`: connections that read their user's personal
 * queue.
 *
 * Every request for events has a row, whether or not it names rooms.  The row
 * lives as presence rows do: a stream's with the lease of its node and a grace
 * beyond the stream, a poll's until an expiry of its own.  While a user has a
 * listener, the user's queue is told of messages missed in rooms
 * (db/chat/unread.h).  A user without listeners is told nothing, so a message
 * costs nothing for users who are not there.
 *
 * Only this file writes the table; the rules are in db/chat/arrivals.h and
 * db/chat/expiry.h.  All writing calls are made in a write transaction; NOW and
 * the other times are lease times.
 */
#ifndef DB_ROWS_LISTENERS_H
#define DB_ROWS_LISTENERS_H

#include <stddef.h>

#include "db/engine/db.h"
#include "db/rows/ids.h"

struct listener_draft {
	struct user_id user;
	const char *conn; /* lent */
	struct node_id node; /* of a stream, else 0 */
	int64_t expires; /* 0: with the node */
	int64_t grace; /* ms, after the end of its stream */
};
enum db_rc listeners_insert(
    struct db *, const struct listener_draft *, struct listener_id *) DB_CHECK;

/* DB_OK: some connection of the user listens; DB_NONE: none does. */
enum db_rc listeners_any(struct db *, struct user_id) DB_CHECK;

/* As presence_remaining. */
enum db_rc listeners_remaining(
    struct db *, struct user_id, const char *conn, int64_t *ms) DB_CHECK;

/*
 * The row of a stream that has ended, USER's rows of CONN (*N of them), or all
 * rows of nodes whose lease was over before DEAD expire their grace after NOW,
 * unless they would expire earlier.
 */
enum db_rc listeners_end(struct db *, struct listener_id, int64_t now) DB_CHECK;
enum db_rc listeners_goodbye(struct db *, struct user_id, const char *conn,
    int64_t now, int64_t *n) DB_CHECK;
enum db_rc listeners_end_dead(struct db *, int64_t now, int64_t dead) DB_CHECK;

/* Rows that would expire after FROM expire BY ms later. */
enum db_rc listeners_shift(struct db *, int64_t from, int64_t by) DB_CHECK;

/* Deletes USER's rows of CONN. */
enum db_rc listeners_drop_conn(
    struct db *, struct user_id, const char *conn) DB_CHECK;

/*
 * Of the user's rows that expire by themselves, keeps only the KEEP that last
 * longest.
 */
enum db_rc listeners_thin_out(struct db *, struct user_id, int keep) DB_CHECK;

enum db_rc listeners_drop(struct db *, struct listener_id) DB_CHECK;
enum db_rc listeners_drop_user(struct db *, struct user_id) DB_CHECK;
enum db_rc listeners_drop_all(struct db *) DB_CHECK;

struct listener_ref {
	struct listener_id id;
	struct user_id user;
};

/* Fills in at most LIMIT rows that have expired at NOW; *N were. */
enum db_rc listeners_expired(struct db *, int64_t now, struct listener_ref *,
    int limit, size_t *n) DB_CHECK;

/* DB_OK: some row has expired at NOW. */
enum db_rc listeners_due(struct db *, int64_t now) DB_CHECK;

#endif
