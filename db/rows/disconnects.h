/*
 * disconnects: the table `disconnect`: connections that their clients have
 * ended.
 *
 * A goodbye is a request of its own and may overtake the connection's last
 * poll.  For DISCONNECT_KEEP_MS after it, a poll of that name makes nobody
 * present.  The period is lease time, so setting the clock does not change it.
 * Streams do not need this: a stream ends when its client is found to be gone.
 * Only this file writes the table.
 */
#ifndef DB_ROWS_DISCONNECTS_H
#define DB_ROWS_DISCONNECTS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

enum {
	DISCONNECT_KEEP_MS = 5000,
	DISCONNECTS_MAX = 64 /* of one user: connections can be named at will */
};

/* In a write transaction; the oldest beyond DISCONNECTS_MAX are forgotten. */
enum db_rc disconnects_say(
    struct db *, struct user_id, const char *conn) DB_CHECK;

/* DB_OK: USER's connection said goodbye recently; DB_NONE: it did not. */
enum db_rc disconnects_said(
    struct db *, struct user_id, const char *conn) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT rows older than
 * DISCONNECT_KEEP_MS.  DB_NONE: there are none.  disconnects_due asks the same
 * without writing.
 */
enum db_rc disconnects_prune(struct db *, int limit) DB_CHECK;
enum db_rc disconnects_due(struct db *) DB_CHECK;

/* In a write transaction: forgets them all. */
enum db_rc disconnects_drop_all(struct db *) DB_CHECK;

#endif
