/*
 * rate_limit: how often a user or an address may do something.
 *
 * A token bucket is stored as a single number: the time at which it is full
 * again.  Each token that is taken moves that time on, and nothing has to run
 * to fill the bucket.  Once the time has passed, nothing has to be kept.
 *
 * A bucket is stored under a hash with the store's own key, which does not
 * reveal its owner.  Time is steady time (db/rows/steady.h), so no limit moves
 * when the clock is set.  If a limit was lowered, and more tokens were taken
 * than a full bucket now holds, one token is left.
 */
#ifndef DB_CHAT_RATE_LIMIT_H
#define DB_CHAT_RATE_LIMIT_H

#include "db/base/address.h"
#include "db/engine/db.h"
#include "db/base/problem.h"

/* The actions that take tokens. */
enum rate_limit_kind {
	RATE_LIMIT_ROOMS,
	RATE_LIMIT_PEOPLE,
	RATE_LIMIT_TRIES, /* of a room's password, from one address */
	RATE_LIMIT_ROOM_TRIES, /* of a room's password, from anywhere */
	RATE_LIMIT_NOTIFICATIONS,
	RATE_LIMIT_MESSAGES,
	RATE_LIMIT_STRANGERS, /* messages of people who are not in the room */
	RATE_LIMIT_JOINS,
	RATE_LIMIT_ANNOUNCEMENTS,
	N_RATE_LIMIT_KINDS
};

struct rate_limit {
	enum rate_limit_kind kind;
	int64_t id; /* of the user or room that is limited; 0: neither */
	struct address_prefix from; /* LEN 0: not by address, or unknown */
	int64_t most; /* tokens in a full one; 0: no limit, no statement */
	int64_t every_us; /* one token comes back in that time */
};

/*
 * In a write transaction: takes a token.  DB_CONFLICT with *WHY rate_limited:
 * there is none for another *WAIT ms, and nothing was changed.
 * rate_limit_peek answers the same and takes nothing.
 */
enum db_rc rate_limit_take(struct db *, const struct rate_limit *,
    int64_t *wait, enum problem *why) DB_CHECK;
enum db_rc rate_limit_peek(struct db *, const struct rate_limit *,
    int64_t *wait, enum problem *why) DB_CHECK;

/* In a write transaction: gives back a token that was not needed. */
enum db_rc rate_limit_give(struct db *, const struct rate_limit *) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT that are full.  DB_NONE: there
 * are none.  rate_limit_due is DB_OK when that is worth a write.
 */
enum db_rc rate_limit_prune(struct db *, int limit) DB_CHECK;
enum db_rc rate_limit_due(struct db *) DB_CHECK;

#endif
