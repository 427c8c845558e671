/*
 * rate_limits: the table `rate_limit`: token buckets that are not full.
 *
 * A bucket is the time at which it is full again (us of steady time), under a
 * hash that does not reveal its owner.  db/chat/rate_limit.h has the rules.
 */
#ifndef DB_ROWS_RATE_LIMITS_H
#define DB_ROWS_RATE_LIMITS_H

#include "db/engine/db.h"
#include "db/rows/secrets.h"

/* The time at which the bucket is full.  DB_NONE: it is full now. */
enum db_rc rate_limits_full(struct db *,
    const unsigned char key[SECRET_HASH_LEN], int64_t *full_us) DB_CHECK;

/*
 * In write transactions: the bucket is full at FULL_US; it is full BY_US
 * earlier.
 */
enum db_rc rate_limits_set(struct db *,
    const unsigned char key[SECRET_HASH_LEN], int64_t full_us) DB_CHECK;
enum db_rc rate_limits_advance(struct db *,
    const unsigned char key[SECRET_HASH_LEN], int64_t by_us) DB_CHECK;

/*
 * DB_OK: some are full by NOW_US; DB_NONE: none are.  rate_limits_prune, in a
 * write transaction: deletes at most LIMIT of these; DB_NONE: there were none.
 */
enum db_rc rate_limits_any_full(struct db *, int64_t now_us) DB_CHECK;
enum db_rc rate_limits_prune(struct db *, int64_t now_us, int limit) DB_CHECK;

#endif
