/*
 * listeners: connections that hear their user's own queue.
 *
 * Every request for events has a row, with whatever rooms or with none, and
 * it lives as presence rows do: a stream's with the lease of its node, a
 * poll's until a time of its own, and a grace longer than its stream.  While a
 * user has one, what is missed in rooms is told to the queue (db/chat/unread.h);
 * to a user without any nothing is, so that a message costs nothing for those
 * who are not there.
 */
#ifndef DB_ROWS_LISTENERS_H
#define DB_ROWS_LISTENERS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/rows/presence.h"

/*
 * In a write transaction: USER listens by this connection; a row of the same
 * conn gives way.  At most PRESENCE_LEASES_MAX that run out by themselves are
 * kept.  DB_BUSY: the stream's node has been reaped.
 */
enum db_rc listeners_enter(struct db *, struct user_id, const struct entry *,
    struct listener_id *) DB_CHECK;

/* As presence_remaining. */
enum db_rc listeners_remaining(
    struct db *, struct user_id, const char *conn, int64_t *ms) DB_CHECK;

/* DB_OK: some connection of the user listens; DB_NONE: none does. */
enum db_rc listeners_any(struct db *, struct user_id) DB_CHECK;

/* In a write transaction, when nobody is USER any more: none listens. */
enum db_rc listeners_forget(struct db *, struct user_id) DB_CHECK;

/*
 * In write transactions: a stream has ended, a connection says so itself, and
 * all streams of the nodes whose lease was over before DEAD.  Their rows expire a grace from now.
 */
enum db_rc listeners_end(struct db *, struct listener_id) DB_CHECK;
enum db_rc listeners_goodbye(
    struct db *, struct user_id, const char *conn) DB_CHECK;
enum db_rc listeners_end_dead(struct db *, int64_t dead) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT expired rows.  DB_NONE: there
 * were none.  listeners_due asks the same without writing.
 */
enum db_rc listeners_reap(struct db *, int limit) DB_CHECK;
enum db_rc listeners_due(struct db *) DB_CHECK;

#endif
