/*
 * notices: the server's alerts about who joined and left.
 *
 * Each join and each leave is told in exactly one notice, together with others
 * of the same moment.  If a room has had several notices within a second,
 * further changes are coalesced and told a second later, by the reaper or by a
 * request.  A chatter who joined and left meanwhile is in both, in that order;
 * of repeated changes only the last is told.
 *
 * A room's setting says which notices it wants (enum notices); `presence` is
 * told in any case.
 */
#ifndef DB_CHAT_NOTICES_H
#define DB_CHAT_NOTICES_H

#include "db/engine/db.h"
#include "db/rows/rooms.h"

enum notice {
	NOTICE_JOINED,
	NOTICE_LEFT,
	NOTICE_TIMEOUT,
	NOTICE_REMOVED,
	NOTICE_ROOM_CLOSED,
	N_NOTICES
};

enum {
	NOTICES_BURST = 5, /* of a room within NOTICES_BURST_MS: told at once */
	NOTICES_BURST_MS = 1000,
	NOTICES_NAMED_MAX = 50 /* chatters in one; the others are counted */
};

/* Why somebody left, in a word; NULL for NOTICE_JOINED. */
const char *notices_reason(enum notice);

/* In a write transaction: the N chatters IDS have joined ROOM, or left. */
enum db_rc notices_tell(struct db *, const struct room *, enum notice,
    const struct chatter_id *ids, size_t n) DB_CHECK;

/*
 * In a write transaction: tells at most LIMIT rooms the changes that have been
 * coalesced long enough.  DB_NONE: nothing was due.  notices_due asks the same
 * without writing: DB_OK if there is work.
 */
enum db_rc notices_flush(struct db *, int limit) DB_CHECK;
enum db_rc notices_due(struct db *) DB_CHECK;

#endif
