/*
 * spans: the table `delivered`: spans of the log delivered to connections that
 * have ended.
 *
 * A span is since < seq <= upto.  Every presence row holds the span of its own
 * connection (db/rows/presence.h); this table keeps those of connections that
 * ended while others go on.  The rules are in db/chat/delivery.h.  Only this
 * file writes the table; all writing calls are made in a write transaction.
 */
#ifndef DB_ROWS_SPANS_H
#define DB_ROWS_SPANS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

struct span {
	int64_t since, upto;
};

/* Calls FN for each span of the chatter, in the order of SINCE. */
typedef void (*span_fn)(struct span, void *arg);
enum db_rc spans_each(
    struct db *, struct chatter_id, span_fn, void *arg) DB_CHECK;

enum db_rc spans_insert(struct db *, struct chatter_id, struct span) DB_CHECK;

/* Deletes all spans of the chatter. */
enum db_rc spans_drop(struct db *, struct chatter_id) DB_CHECK;

/*
 * The lowest SINCE of the chatter's spans, open connections included, and the
 * highest SINCE that is at most AT; 0: there is none.
 */
enum db_rc spans_lowest(
    struct db *, struct chatter_id, int64_t *since) DB_CHECK;
enum db_rc spans_latest(
    struct db *, struct chatter_id, int64_t at, int64_t *since) DB_CHECK;

#endif
