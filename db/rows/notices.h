/*
 * notices: alerts of the server's own about who came and who went.
 *
 * Each who came or went is named in exactly one, with others who did so in
 * the same moment.  A room that has had several within a second is spared
 * more: they are withheld and told together a second later, by the reaper or
 * by whoever calls.  Who came and went meanwhile is in both, in that order;
 * of who did so again and again the last of it is told.
 *
 * What a room wants to hear is its setting (enum notices); presence is told
 * in any case.
 */
#ifndef DB_ROWS_NOTICES_H
#define DB_ROWS_NOTICES_H

#include "db/rows/chatters.h"
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

/* Why somebody left, in a word; NULL for who joined. */
const char *notices_reason(enum notice);

/* In a write transaction: that the N chatters IDS came to ROOM, or left. */
enum db_rc notices_tell(struct db *, const struct room *, enum notice,
    const struct chatter_id *ids, size_t n) DB_CHECK;

/*
 * In a write transaction: tells at most LIMIT rooms what has been withheld
 * long enough.  DB_NONE: nothing was due.  notices_due asks the same without
 * writing: DB_OK if there is work.
 */
enum db_rc notices_tell_withheld(struct db *, int limit) DB_CHECK;
enum db_rc notices_due(struct db *) DB_CHECK;

#endif
