/*
 * buckets: how often somebody may do something.
 *
 * A token bucket is one time, the one at which it is full again: each token
 * that is taken moves it on, and nothing has to run to fill the bucket.  When
 * that time has passed, nothing has to be kept either.
 *
 * A bucket has no name but a hash with the store's own key, from which nobody
 * reads whose it is.  Time is steady time (db/steady.h): nobody's limit
 * moves when the clock is set.  Whoever seems to have taken more than there
 * is, because the limit was lowered, has one token left.
 */
#ifndef DB_BUCKETS_H
#define DB_BUCKETS_H

#include "db/base/address.h"
#include "db/db.h"
#include "db/problem.h"

/* What tokens are taken for. */
enum bucket_kind {
	BUCKET_ROOMS,
	BUCKET_PEOPLE,
	BUCKET_TRIES, /* of a room's password, from one address */
	BUCKET_ROOM_TRIES, /* of a room's password, from anywhere */
	BUCKET_NOTIFICATIONS,
	BUCKET_MESSAGES,
	BUCKET_JOINS,
	BUCKET_ANNOUNCEMENTS,
	N_BUCKET_KINDS
};

struct bucket {
	enum bucket_kind kind;
	int64_t id; /* of the user or room whose it is; 0: neither */
	struct address_prefix from; /* LEN 0: not by address, or unknown */
	int64_t most; /* tokens in a full one; 0: no limit, no statement */
	int64_t every_us; /* a token comes back */
};

/*
 * In a write transaction: takes a token.  DB_CONFLICT with *WHY rate_limited:
 * there is none for another *WAIT ms; nothing was changed.  buckets_peek says
 * the same and takes nothing.
 */
enum db_rc buckets_take(struct db *, const struct bucket *, int64_t *wait,
    enum problem *why) DB_CHECK;
enum db_rc buckets_peek(struct db *, const struct bucket *, int64_t *wait,
    enum problem *why) DB_CHECK;

/* In a write transaction: a token that was taken was not needed. */
enum db_rc buckets_give(struct db *, const struct bucket *) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT that are full.  DB_NONE: there
 * are none.  buckets_due is DB_OK when that is worth a write.
 */
enum db_rc buckets_prune(struct db *, int limit) DB_CHECK;
enum db_rc buckets_due(struct db *) DB_CHECK;

#endif
