/*
 * idempotency: the table `idempotency`: the results of requests with an
 * Idempotency-Key.
 *
 * A row has two hashes, which db/chat/repeats.h makes, and what the request
 * made.  Its age is steady time.  All calls that write are made in a write
 * transaction.
 */
#ifndef DB_ROWS_IDEMPOTENCY_H
#define DB_ROWS_IDEMPOTENCY_H

#include <stdint.h>

#include "db/engine/db.h"
#include "db/rows/ids.h"

enum { IDEMPOTENCY_HASH_LEN = 32 };

struct idempotency {
	unsigned char hash[IDEMPOTENCY_HASH_LEN]; /* the row's key */
	unsigned char request[IDEMPOTENCY_HASH_LEN];
};

/* The result of a request: what was made, and for whom. */
struct idempotency_made {
	struct user_id user;
	int64_t id;
};

/*
 * The row with this hash, if it was written at SINCE or later.  DB_NONE: there
 * is none.  DB_CONFLICT: there is one, of another request.
 */
enum db_rc idempotency_find(struct db *, const struct idempotency *,
    int64_t since, struct idempotency_made *) DB_CHECK;

/* Writes the row at the time NOW, in place of an older one. */
enum db_rc idempotency_put(struct db *, const struct idempotency *,
    const struct idempotency_made *, int64_t now) DB_CHECK;

/* Deletes what was made for USER. */
enum db_rc idempotency_forget(struct db *, struct user_id) DB_CHECK;

/*
 * Deletes at most LIMIT rows from before BEFORE.  DB_NONE: there are none.
 * idempotency_due asks the same without writing.
 */
enum db_rc idempotency_prune(struct db *, int64_t before, int limit) DB_CHECK;
enum db_rc idempotency_due(struct db *, int64_t before) DB_CHECK;

#endif
