/*
 * idempotency: the table `idempotency`: the results of requests with an
 * Idempotency-Key.
 *
 * A client that got no answer repeats its request with the same key, and is
 * answered with what was made the first time.  Only hashes are stored: one of
 * the caller, the route and the key, and one of the request.
 *
 * A caller without a token is identified by the address and by the key, which
 * must be unguessable.  SEED is for the token that was made
 * (db/chat/accounts.h); it is derived from the key, the body and the address.
 */
#ifndef DB_ROWS_IDEMPOTENCY_H
#define DB_ROWS_IDEMPOTENCY_H

#include <stddef.h>
#include <stdint.h>

#include "db/base/address.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

enum {
	IDEMPOTENCY_KEY_MAX = 64,
	IDEMPOTENCY_UNGUESSABLE = 22, /* characters, for 128 bits */
	IDEMPOTENCY_HASH_LEN = 32,
	IDEMPOTENCY_KEEP_MS = 86400000
};

/* A request that may come again; texts are lent. */
struct idempotency_input {
	struct user_id user; /* {0}: not known; see FROM */
	struct address_prefix from; /* of a user {0} */
	const char *route; /* names what is to be made */
	int64_t place; /* id of the room it is made in; 0: none */
	const char *key;
	const char *body; /* NULL when len is 0 */
	size_t len;
};

struct idempotency {
	unsigned char hash[IDEMPOTENCY_HASH_LEN];
	unsigned char request[IDEMPOTENCY_HASH_LEN];
	unsigned char seed[SEED_LEN]; /* never stored */
};

/* The result of a request: what was made, and for whom. */
struct idempotency_made {
	struct user_id user;
	int64_t id;
};

void idempotency_init(struct idempotency *, const struct idempotency_input *);

/*
 * DB_OK: the request came before, and this was made.  DB_NONE: it is new.
 * DB_CONFLICT: the key came before with another request.
 */
enum db_rc idempotency_find(struct db *, const struct idempotency *,
    struct idempotency_made *) DB_CHECK;

/* In a write transaction: remembers what was made. */
enum db_rc idempotency_keep(struct db *, const struct idempotency *,
    const struct idempotency_made *) DB_CHECK;

/* In a write transaction: forgets what was made for USER. */
enum db_rc idempotency_forget(struct db *, struct user_id) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT that are older than a day.
 * DB_NONE: there are none.  idempotency_due asks the same without writing.
 */
enum db_rc idempotency_prune(struct db *, int limit) DB_CHECK;
enum db_rc idempotency_due(struct db *) DB_CHECK;

#endif
