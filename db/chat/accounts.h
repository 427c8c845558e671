/*
 * accounts: creates and forgets users.
 *
 * A user is anonymous with a token of ours, or known to the embedding site by
 * a subject, or belongs to a service key.  All calls but accounts_repeat_token
 * need a write transaction.
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
 * returns it to a caller who knows SEED, and writes nothing.  It is a hash of
 * SEED keyed by the store's own secret; the store does not keep SEED, so its
 * files do not reveal the token.
 */
enum db_rc accounts_make_repeatable(struct db *,
    const unsigned char seed[SEED_LEN], struct user_id *,
    struct token *) DB_CHECK;
enum db_rc accounts_repeat_token(struct db *,
    const unsigned char seed[SEED_LEN], struct user_id,
    struct token *) DB_CHECK;

/*
 * One more token for USER.  With TOKENS_ALONE no earlier token is valid any
 * more, and the streams that it opened end.  DB_CONFLICT: USER is a service key,
 * whose token would be good for all that the key owns.  DB_NONE: the user has
 * been forgotten.
 */
enum tokens { TOKENS_MORE, TOKENS_ALONE };
enum db_rc accounts_add_token(
    struct db *, struct user_id, enum tokens, struct token *) DB_CHECK;

/*
 * The user whom the embedding site calls SUBJECT, made if it was not seen
 * before.  If the same person was forgotten earlier, that person's bans hold
 * again.
 */
enum db_rc accounts_meet(
    struct db *, const char *subject, struct user_id *) DB_CHECK;

/* Ends every stream that receives USER's queue. */
enum db_rc accounts_sign_out(struct db *, struct user_id) DB_CHECK;

/*
 * Forgets USER: no token, subject, name or ticket identifies it any more, and
 * its streams end.  Its messages, its rooms and its bans stay.
 */
enum db_rc accounts_forget(struct db *, struct user_id) DB_CHECK;

/*
 * A new service key called NAME, with a user of its own.  DB_CONFLICT: a key
 * of that name exists or existed.
 */
enum db_rc accounts_add_key(
    struct db *, const char *name, unsigned scopes, struct key_text *) DB_CHECK;

/*
 * Revokes the key called NAME and ends its open streams.  DB_NONE: no valid
 * key has that name.
 */
enum db_rc accounts_revoke_key(struct db *, const char *name) DB_CHECK;

#endif
