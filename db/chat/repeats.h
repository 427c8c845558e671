/*
 * repeats: recognizes requests that are repeated with their Idempotency-Key.
 *
 * A client that got no answer repeats its request with the same key, and is
 * answered with what was made the first time.  Only hashes are stored, for a
 * day: one of the caller, the route and the key, and one of the request
 * (db/rows/idempotency.h).
 *
 * A caller without a token is identified by the address and by the key, which
 * must be unguessable.  SEED is for the token that was made
 * (db/chat/accounts.h); it is derived from the key, the body and the address.
 */
#ifndef DB_CHAT_REPEATS_H
#define DB_CHAT_REPEATS_H

#include <stddef.h>
#include <stdint.h>

#include "db/base/address.h"
#include "db/engine/db.h"
#include "db/rows/idempotency.h"
#include "db/rows/ids.h"

enum {
	REPEATS_KEY_MAX = 64,
	REPEATS_UNGUESSABLE = 22, /* characters, for 128 bits */
	REPEATS_KEEP_MS = 86400000
};

/* A request that may come again; texts are lent. */
struct repeat_input {
	struct user_id user; /* {0}: not known; see FROM */
	struct address_prefix from; /* of a user {0} */
	const char *route; /* names what is to be made */
	int64_t place; /* id of the room it is made in; 0: none */
	const char *key;
	const char *body; /* NULL when len is 0 */
	size_t len;
};

struct repeat {
	struct idempotency id;
	unsigned char seed[SEED_LEN]; /* never stored */
};

void repeats_init(struct repeat *, const struct repeat_input *);

/*
 * DB_OK: the request came before, and this was made.  DB_NONE: it is new.
 * DB_CONFLICT: the key came before with another request.
 */
enum db_rc repeats_find(
    struct db *, const struct repeat *, struct idempotency_made *) DB_CHECK;

/* In a write transaction: remembers what was made. */
enum db_rc repeats_keep(struct db *, const struct repeat *,
    const struct idempotency_made *) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT that are older than a day.
 * DB_NONE: there are none.  repeats_due asks the same without writing.
 */
enum db_rc repeats_prune(struct db *, int limit) DB_CHECK;
enum db_rc repeats_due(struct db *) DB_CHECK;

#endif
