/*
 * bans: the tables `ban` and `banned_subject`: users who may not return to a
 * room.
 *
 * A ban is tied to a user, so it holds for every token of the same person.  It
 * is made when the chatter is removed, and a banned user has left.  If a
 * person known to the embedding site is forgotten, the ban remains: the table
 * banned_subject keeps a hash of the subject.
 */
#ifndef DB_ROWS_BANS_H
#define DB_ROWS_BANS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/base/problem.h"
#include "db/rows/secrets.h"

/* In a write transaction: bans until the steady time UNTIL; 0: for good. */
enum db_rc bans_make(
    struct db *, struct room_id, struct user_id, int64_t until) DB_CHECK;

/* In a write transaction.  DB_NONE: the user is not banned. */
enum db_rc bans_lift(struct db *, struct room_id, struct user_id) DB_CHECK;

/* DB_OK: USER is banned from the room at this moment; DB_NONE: not. */
enum db_rc bans_check(struct db *, struct room_id, struct user_id) DB_CHECK;

/*
 * In a write transaction that forgets the user: keeps the user's bans, if any,
 * for the subject whose hash is PERSON.
 */
enum db_rc bans_keep(struct db *, struct user_id,
    const unsigned char person[SECRET_HASH_LEN]) DB_CHECK;

/*
 * The user whose bans are kept for PERSON; DB_NONE: there is none.  bans_move,
 * in a write transaction: gives these bans to TO and no longer keeps them for
 * PERSON.
 */
enum db_rc bans_of_subject(struct db *,
    const unsigned char person[SECRET_HASH_LEN], struct user_id *) DB_CHECK;
enum db_rc bans_move(struct db *, const unsigned char person[SECRET_HASH_LEN],
    struct user_id from, struct user_id to) DB_CHECK;

/*
 * Why a user who is not in the room is refused: DB_CONFLICT with *WHY banned
 * or not_in_room.
 */
enum db_rc bans_refuse(
    struct db *, struct room_id, struct user_id, enum problem *why) DB_CHECK;

/* In a write transaction: deletes at most LIMIT bans of a room. */
enum db_rc bans_drop_some(
    struct db *, struct room_id, int limit, int64_t *dropped) DB_CHECK;

/*
 * Adds "{…},{…}": at most LIMIT users who are banned now, after the chatter
 * AFTER ({0}: from the first).
 */
enum db_rc bans_add_list(struct db *, struct room_id, struct chatter_id after,
    int limit, struct buf *, int *more) DB_CHECK;

#endif
