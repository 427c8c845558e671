/*
 * accounts: how users come to be, and how they are forgotten.
 *
 * A user is anonymous with a token of ours, or is known to the embedding site
 * by a subject, or is a service key's.  All of these need a write transaction
 * but accounts_repeat_token.
 */
#ifndef DB_CHAT_ACCOUNTS_H
#define DB_CHAT_ACCOUNTS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/rows/keys.h"

/* Makes an anonymous user with a token. */
enum db_rc accounts_make(
    struct db *, struct user_id *, struct token *) DB_CHECK;

/*
 * The same with a token that can be given out again: accounts_repeat_token
 * tells it once more to a caller who knows SEED, and writes nothing.  It is a
 * hash of SEED keyed by the store's own secret; the store does not keep SEED,
 * so its files do not give the token away.
 */
enum db_rc accounts_make_repeatable(struct db *,
    const unsigned char seed[SEED_LEN], struct user_id *,
    struct token *) DB_CHECK;
enum db_rc accounts_repeat_token(struct db *,
    const unsigned char seed[SEED_LEN], struct user_id,
    struct token *) DB_CHECK;

/*
 * The user whom the embedding site calls SUBJECT, made if it was not seen
 * before.  Bans of the same person who was forgotten hold again.
 */
enum db_rc accounts_meet(
    struct db *, const char *subject, struct user_id *) DB_CHECK;

/* Every stream that hears USER's queue ends. */
enum db_rc accounts_sign_out(struct db *, struct user_id) DB_CHECK;

/*
 * Nobody is known as USER any more, by no token, subject, name or ticket, and
 * its streams end.  What it said and owns stays, and so do its bans.
 */
enum db_rc accounts_forget(struct db *, struct user_id) DB_CHECK;

/*
 * A new service key called NAME, with a user of its own.  DB_CONFLICT: there
 * is or was one of that name.
 */
enum db_rc accounts_add_key(
    struct db *, const char *name, unsigned scopes, struct key_text *) DB_CHECK;

/*
 * The key is good for nothing from now on, and the streams that it has open
 * end.  DB_NONE: no good key is called so.
 */
enum db_rc accounts_revoke_key(struct db *, const char *name) DB_CHECK;

#endif
