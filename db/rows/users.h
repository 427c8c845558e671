/*
 * users: persons and the secrets by which they are known again.
 *
 * A user is never shown to others; what rooms see is a chatter.  A token is
 * 256 random bits, given out once and stored as its BLAKE2b hash.  Who comes
 * with a token of the embedding site is known by its subject instead.  A
 * ticket stands for either in the URL of a stream: signed with the store's own
 * key, short-lived, good for nothing else.
 */
#ifndef DB_ROWS_USERS_H
#define DB_ROWS_USERS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

enum { SEED_LEN = 32 };

/* Makes an anonymous user with a token; in a write transaction. */
enum db_rc users_make(struct db *, struct user_id *, struct token *) DB_CHECK;

/*
 * The same with a token that can be given out again: who knows SEED is told it
 * once more by users_repeat_token, which writes nothing.  It is a hash of SEED
 * keyed by the store's own secret; the store does not keep SEED, so its files
 * do not give the token away.
 */
enum db_rc users_make_repeatable(struct db *,
    const unsigned char seed[SEED_LEN], struct user_id *,
    struct token *) DB_CHECK;
enum db_rc users_repeat_token(struct db *, const unsigned char seed[SEED_LEN],
    struct user_id, struct token *) DB_CHECK;

/* Whose token TEXT (any text from outside) is.  DB_NONE: nobody's. */
enum db_rc users_by_token(
    struct db *, const char *text, struct user_id *) DB_CHECK;

/* In a write transaction: a user that nobody can be known as. */
enum db_rc users_make_bare(struct db *, struct user_id *) DB_CHECK;

/*
 * Whom the embedding site calls SUBJECT.  DB_NONE: nobody was seen by that
 * name yet; users_meet makes the user then, in a write transaction.
 */
enum db_rc users_by_subject(
    struct db *, const char *subject, struct user_id *) DB_CHECK;
enum db_rc users_meet(
    struct db *, const char *subject, struct user_id *) DB_CHECK;

/* Whom GET /me calls NAME (any text from outside). */
enum db_rc users_by_name(
    struct db *, const char *name, struct user_id *) DB_CHECK;

/*
 * How many notifications of the user are unread.  users_add_unread: in a write
 * transaction; that count changes BY so many.
 */
enum db_rc users_unread(struct db *, struct user_id, int64_t *unread) DB_CHECK;
enum db_rc users_add_unread(struct db *, struct user_id, int64_t by) DB_CHECK;

/* Adds {"id","subject","created_at"} and how many notifications are unread. */
enum db_rc users_add_json(
    struct db *, struct user_id, struct buf *, int64_t *unread) DB_CHECK;

/*
 * In a write transaction: nobody is known as USER any more, by no token,
 * subject, name or ticket, and its streams end.  What it said and owns stays.
 */
enum db_rc users_forget(struct db *, struct user_id) DB_CHECK;

/* In a write transaction: every stream that hears USER's queue ends. */
enum db_rc users_sign_out(struct db *, struct user_id) DB_CHECK;

/* What a ticket says. */
struct ticket {
	struct user_id user;
	int64_t expires; /* of the ticket, steady ms */
	int64_t ends; /* of what it stands for, wall ms; 0: never */
};

enum db_rc tickets_make(
    struct db *, const struct ticket *, struct buf *text) DB_CHECK;

/*
 * DB_NONE: TEXT is forged, of another store, expired, or its user has been
 * forgotten.
 */
enum db_rc tickets_check(
    struct db *, const char *text, struct ticket *) DB_CHECK;

#endif
