/*
 * users: the tables `person` and `token`: users, and the secrets by which they
 * are recognized.
 *
 * A user is never shown to others; rooms see a chatter instead.  A token is
 * 256 random bits, given out once and stored as its BLAKE2b hash.  A person
 * who comes with a token of the embedding site is known by its subject
 * instead.  db/chat/accounts.h has the rules.
 */
#ifndef DB_ROWS_USERS_H
#define DB_ROWS_USERS_H

#include "db/base/buf.h"
#include "db/base/limits.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

/*
 * In a write transaction.  SUBJECT NULL: the embedding site does not know the
 * user.
 */
enum db_rc users_insert(struct db *, const struct user_name *,
    const char *subject, struct user_id *) DB_CHECK;
enum db_rc users_add_token(
    struct db *, struct user_id, const struct token *) DB_CHECK;

/*
 * The user of a token (any text from outside), the user whom the embedding
 * site calls SUBJECT, the user whom GET /me calls NAME.  DB_NONE: there is
 * none.
 */
enum db_rc users_by_token(
    struct db *, const char *text, struct user_id *) DB_CHECK;
enum db_rc users_by_subject(
    struct db *, const char *subject, struct user_id *) DB_CHECK;
enum db_rc users_by_name(
    struct db *, const char *name, struct user_id *) DB_CHECK;

/* DB_NONE: the user has been forgotten. */
enum db_rc users_is_known(struct db *, struct user_id) DB_CHECK;

/* Adds the subject.  DB_NONE: the user has none. */
enum db_rc users_add_subject(
    struct db *, struct user_id, struct buf *) DB_CHECK;

/*
 * How many notifications of the user are unread.  users_add_unread: in a write
 * transaction; adds BY to that count.
 */
enum db_rc users_unread(struct db *, struct user_id, int64_t *unread) DB_CHECK;
enum db_rc users_add_unread(struct db *, struct user_id, int64_t by) DB_CHECK;

/* Adds {"id","subject","created_at"} and how many notifications are unread. */
enum db_rc users_add_json(
    struct db *, struct user_id, struct buf *, int64_t *unread) DB_CHECK;

/* In write transactions: erases the name and the subject; drops all tokens. */
enum db_rc users_erase(struct db *, struct user_id) DB_CHECK;
enum db_rc users_drop_tokens(struct db *, struct user_id) DB_CHECK;

#endif
