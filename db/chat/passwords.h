/*
 * passwords: passwords of rooms, as argon2id hashes (crypto_pwhash_str of
 * libsodium).
 *
 * One hash takes about 16 MB and tens of milliseconds of a core, so that
 * guessing is expensive.  Therefore it is made and checked outside of any
 * transaction, by two threads of its own in a process, and only eight wait for
 * their turn; a fiber waits without its thread (db/base/fiber.h).  Two spellings of the same text (NFC) are the same password.
 */
#ifndef DB_CHAT_PASSWORDS_H
#define DB_CHAT_PASSWORDS_H

#include "db/base/buf.h"
#include "db/engine/db.h"

enum { PASSWORD_BYTES_MAX = 128 };

/* NULL, or why TEXT cannot be a password. */
const char *passwords_check(const char *text);

/* Puts the hash of TEXT into HASH.  DB_BUSY: too many wait; DB_FAIL: memory. */
enum db_rc passwords_hash(const char *text, struct buf *hash) DB_CHECK;

/* Whether HASH is one of TEXT.  DB_NONE: it is not; else as above. */
enum db_rc passwords_verify(const char *text, const char *hash) DB_CHECK;

#endif
