/*
 * delivery: which events were delivered to each connection of a chatter.
 *
 * A message counts as delivered if an answer of /events or a stream has handed
 * it to the kernel, or if it is in the snapshot that a join returned.  Nothing
 * else counts: no page of history, and no lease that still runs.  Messages
 * that were not delivered when a chatter's last connection ends are unread.
 *
 * Every presence row holds one span of the log, since < seq <= upto, that its
 * connection was delivered.  Several connections may have been delivered
 * different parts, so the spans of those that end are kept (db/rows/spans.h)
 * until the chatter is gone; then the gaps between all spans, and everything
 * after the last one, are absences (db/chat/unread.h).
 *
 * UPTO is written only where that changes a count: extending a span over
 * events other than messages changes none.  The cursor that a client presents
 * proves how far its last answer arrived: the client has received everything
 * up to the cursor, and nothing beyond.
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
 * and all but the KEEP longest of the leases that expire by themselves.
 */
enum db_rc delivery_begin(struct db *, struct chatter_id, const char *conn,
    const struct delivery_start *, int keep, struct span *) DB_CHECK;

/*
 * In a write transaction: deletes the row.  DB_OK: the chatter is present by
 * others; DB_NONE: it was the last, and the chatter is absent from here on.
 */
enum db_rc delivery_drop(struct db *, const struct presence_ref *) DB_CHECK;

struct last_delivered;

/* The row of a poll's connection. */
struct delivery_standing {
	struct presence_id row;
	int64_t slot; /* 0: it has none */
	int64_t ms; /* of its lease that remain */
	int differs;
};

/*
 * The row of CONN.  DIFFERS: a request that begins at START must write the row,
 * or unread messages would be counted wrong.  NOTES are the process's own, or
 * NULL.  DB_NONE: there is no such row.
 */
enum db_rc delivery_standing(struct db *, struct chatter_id, const char *conn,
    const struct delivery_start *, struct last_delivered *notes,
    struct delivery_standing *) DB_CHECK;

/* How a row was changed because an answer was handed over. */
struct delivery_change {
	struct presence_id row;
	int64_t from, to;
};

/*
 * In write transactions: the row's connection was delivered everything up to
 * UPTO.  DB_NONE: that changes no count, or the row is gone.  delivery_undo:
 * the answer could not be handed over after all.  presence_lags asks without
 * writing whether delivery_raise would write.
 */
enum db_rc delivery_raise(struct db *, struct presence_id, int64_t upto,
    struct delivery_change *) DB_CHECK;
enum db_rc delivery_undo(struct db *, const struct delivery_change *) DB_CHECK;

#endif
