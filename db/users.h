/*
 * users: persons and the secrets by which they are known again.
 *
 * A user is never shown to others; what rooms see is a chatter.  A token is
 * 256 random bits, given out once and stored as its BLAKE2b hash.  A ticket
 * stands for a token in the URL of a stream: signed with the store's own key,
 * short-lived, good for nothing else.
 */
#ifndef DB_USERS_H
#define DB_USERS_H

#include "db/base/buf.h"
#include "db/db.h"
#include "db/ids.h"

/* Makes an anonymous user with a token; in a write transaction. */
enum db_rc users_make(struct db *, struct user_id *, struct token *) DB_CHECK;

/* Another token of USER; in a write transaction. */
enum db_rc users_add_token(
    struct db *, struct user_id, struct token *) DB_CHECK;

/* Whose token TEXT (any text from outside) is.  DB_NONE: nobody's. */
enum db_rc users_by_token(
    struct db *, const char *text, struct user_id *) DB_CHECK;

/*
 * The token in the headers Authorization (scheme Bearer, RFC 6750) or else
 * X-Parlor-Token, either NULL when it was not sent.  NULL: there is none.
 */
const char *users_bearer(const char *authorization, const char *parlor_token);

/* When the user was made, wall ms. */
enum db_rc users_made(struct db *, struct user_id, int64_t *made) DB_CHECK;

/* Adds a ticket for USER that is good until EXPIRES (wall ms). */
enum db_rc tickets_make(
    struct db *, struct user_id, int64_t expires, struct buf *ticket) DB_CHECK;

/* Whose ticket TEXT is.  DB_NONE: forged, of another store, or expired. */
enum db_rc tickets_check(
    struct db *, const char *text, struct user_id *) DB_CHECK;

#endif
