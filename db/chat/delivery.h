/*
 * delivery: which of a room's events a chatter that is present was delivered.
 *
 * A message counts as heard if an answer of /events or a stream has handed it
 * to the kernel, or if it is in the snapshot that a join returned; nothing else
 * counts, neither a page of history nor a lease that still runs.  What was not
 * heard by the time a chatter's last connection ends is unread.
 *
 * Every presence row holds one span of the log, since < seq <= upto, that its
 * connection was delivered.  Several connections may have heard different
 * parts, so the spans of those that end are kept (db/rows/spans.h) until the
 * chatter is gone; then the gaps between all spans, and everything after the
 * last one, are absences (db/chat/unread.h).
 *
 * UPTO is written only where that changes what is counted: a span that ends
 * before events which are no messages is as good as a longer one.  The cursor
 * that a client presents proves what its last answer was worth: the client has
 * heard everything up to it, and nothing beyond.
 */
#ifndef DB_CHAT_DELIVERY_H
#define DB_CHAT_DELIVERY_H

#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/rows/presence.h"

/* Where in the log a connection begins. */
struct delivery_start {
	int64_t cursor; /* after this seq */
	int proven; /* the client presented it, or has the snapshot up to it */
};

/*
 * In a write transaction: the span that a new row CONN of CHATTER, who is
 * online, begins with.  Deletes the row of the same CONN, the row of a join,
 * and all but the KEEP longest of the leases that run out by themselves.
 */
enum db_rc delivery_begin(struct db *, struct chatter_id, const char *conn,
    const struct delivery_start *, int keep, struct span *) DB_CHECK;

/*
 * In a write transaction: deletes the row.  DB_OK: the chatter is present by
 * others; DB_NONE: it was the last, and the chatter is absent from here on.
 */
enum db_rc delivery_drop(struct db *, const struct presence_ref *) DB_CHECK;

/*
 * The row of CONN.  *DIFFERS: a request that begins at START must write the row,
 * or what was heard would be counted wrong.  DB_NONE: there is no such row.
 */
enum db_rc delivery_differs(struct db *, struct chatter_id, const char *conn,
    const struct delivery_start *, struct presence_id *row,
    int *differs) DB_CHECK;

/* How a row was changed because an answer was handed over. */
struct delivery_change {
	struct presence_id row;
	int64_t from, to;
};

/*
 * In write transactions: the connection of the row was delivered everything up
 * to UPTO.  DB_NONE: that changes nothing that is counted, or the row is gone.
 * delivery_undo: it turned out that the answer could not be handed over.
 * presence_lags asks without writing whether delivery_raise would write.
 */
enum db_rc delivery_raise(struct db *, struct presence_id, int64_t upto,
    struct delivery_change *) DB_CHECK;
enum db_rc delivery_undo(struct db *, const struct delivery_change *) DB_CHECK;

#endif
