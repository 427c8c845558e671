/*
 * secrets: hashes that the store keeps in place of tokens and subjects.
 *
 * A secret of 256 random bits is kept as its BLAKE2b hash.  A text that could
 * be guessed is hashed with the store's own key, so that its hash alone does
 * not confirm a guess.
 */
#ifndef DB_ROWS_SECRETS_H
#define DB_ROWS_SECRETS_H

#include <stddef.h>

#include "db/engine/db.h"

enum { SECRET_HASH_LEN = 32 };

/* The hash of a random secret of LEN bytes. */
void secrets_hash(
    const char *secret, size_t len, unsigned char[SECRET_HASH_LEN]);

/* The same keyed by the store's own secret, for texts that could be guessed. */
enum db_rc secrets_digest(struct db *, const char *text, size_t len,
    unsigned char[SECRET_HASH_LEN]) DB_CHECK;

#endif
