/*
 * secrets: what the store keeps of texts that it must not give away.
 *
 * A secret of 256 random bits is kept as its BLAKE2b hash.  What could be
 * guessed is hashed with the store's own key, so that its files alone do not
 * answer a guess.
 */
#ifndef DB_ROWS_SECRETS_H
#define DB_ROWS_SECRETS_H

#include <stddef.h>

#include "db/engine/db.h"

enum { SECRET_HASH_LEN = 32 };

/* The hash of a random secret of LEN bytes. */
void secrets_hash(
    const char *secret, size_t len, unsigned char[SECRET_HASH_LEN]);

/* The same keyed by the store's own secret, for what could be guessed. */
enum db_rc secrets_digest(struct db *, const char *text, size_t len,
    unsigned char[SECRET_HASH_LEN]) DB_CHECK;

#endif
