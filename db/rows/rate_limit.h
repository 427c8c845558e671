/*
 * rate_limit: how often somebody may do something.
 *
 * A token bucket is one time, the one at which it is full again: each token
 * that is taken moves it on, and nothing has to run to fill the bucket.  When
 * that time has passed, nothing has to be kept either.
 *
 * A bucket has no name but a hash with the store's own key, from which nobody
 * reads whose it is.  Time is steady time (db/rows/steady.h): nobody's limit
 * moves when the clock is set.  Whoever seems to have taken more than there
 * is, because the limit was lowered, has one token left.
 */
#ifndef DB_ROWS_RATE_LIMIT_H
#define DB_ROWS_RATE_LIMIT_H

#include "db/base/address.h"
#include "db/engine/db.h"
#include "db/base/problem.h"

/* What tokens are taken for. */
enum rate_limit_kind {
	RATE_LIMIT_ROOMS,
	RATE_LIMIT_PEOPLE,
	RATE_LIMIT_TRIES, /* of a room's password, from one address */
	RATE_LIMIT_ROOM_TRIES, /* of a room's password, from anywhere */
	RATE_LIMIT_NOTIFICATIONS,
	RATE_LIMIT_MESSAGES,
	RATE_LIMIT_JOINS,
	RATE_LIMIT_ANNOUNCEMENTS,
	N_RATE_LIMIT_KINDS
};

struct rate_limit {
	enum rate_limit_kind kind;
	int64_t id; /* of the user or room whose it is; 0: neither */
	struct address_prefix from; /* LEN 0: not by address, or unknown */
	int64_t most; /* tokens in a full one; 0: no limit, no statement */
	int64_t every_us; /* a token comes back */
};

/*
 * In a write transaction: takes a token.  DB_CONFLICT with *WHY rate_limited:
 * there is none for another *WAIT ms; nothing was changed.  rate_limit_peek says
 * the same and takes nothing.
 */
enum db_rc rate_limit_take(struct db *, const struct rate_limit *,
    int64_t *wait, enum problem *why) DB_CHECK;
enum db_rc rate_limit_peek(struct db *, const struct rate_limit *,
    int64_t *wait, enum problem *why) DB_CHECK;

/* In a write transaction: a token that was taken was not needed. */
enum db_rc rate_limit_give(struct db *, const struct rate_limit *) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT that are full.  DB_NONE: there
 * are none.  rate_limit_due is DB_OK when that is worth a write.
 */
enum db_rc rate_limit_prune(struct db *, int limit) DB_CHECK;
enum db_rc rate_limit_due(struct db *) DB_CHECK;

#endif
