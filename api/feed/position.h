/*
 * position: where in the log a client wants to go on.
 *
 * The client says it in words: a cursor (api/feed/cursor.h), `latest`,
 * `earliest` or `all`, or `-N` for the newest N events.
 */
#ifndef API_FEED_POSITION_H
#define API_FEED_POSITION_H

#include "db/base/buf.h"
#include "db/base/problem.h"
#include "db/engine/db.h"
#include "db/rows/events.h"

struct position {
	struct log_state log; /* of the moment of position_find */
	int64_t cursor; /* go on after this seq */
	int proven; /* a cursor: the client has received all up to it */
	int recovered; /* 0: the client must reload; CURSOR is the head */
};

/*
 * Reads the client's words into TEXT: the header LAST_EVENT_ID (NULL: none),
 * else a parameter of the raw QUERY, else `latest`.  -1: the query is
 * malformed.
 */
int position_read(const char *last_event_id, const char *query,
    struct buf *text) __attribute__((warn_unused_result));

/*
 * Inside db_read: finds the position TEXT among the events of the N SCOPES.
 * Not recovered if the cursor is of another epoch or outside the log, or if
 * more than REPLAY_MAX events follow it.  DB_CONFLICT with *WHY:
 * malformed_cursor.
 */
enum db_rc position_find(struct db *, const char *text,
    const struct scope *scopes, size_t n, int64_t replay_max, struct position *,
    enum problem *why) DB_CHECK;

#endif
