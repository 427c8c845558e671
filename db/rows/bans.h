/*
 * bans: who may not come back to a room, for some time or for good.
 *
 * A ban is of a user, so another token of the same person is banned as well;
 * it is made when the chatter is removed, and who is banned has left.  Whom the
 * embedding site knows cannot be rid of it by being forgotten.
 */
#ifndef DB_ROWS_BANS_H
#define DB_ROWS_BANS_H

#include "db/base/buf.h"
#include "db/rows/chatters.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/base/problem.h"
#include "db/rows/secrets.h"

/* In a write transaction: until the steady time UNTIL, 0: for good. */
enum db_rc bans_make(
    struct db *, const struct chatter *, int64_t until) DB_CHECK;

/* In a write transaction.  DB_NONE: CHATTER is not banned. */
enum db_rc bans_lift(struct db *, const struct chatter *) DB_CHECK;

/* DB_OK: USER is banned from the room at this moment; DB_NONE: not. */
enum db_rc bans_check(struct db *, struct room_id, struct user_id) DB_CHECK;

/*
 * In a write transaction: who is forgotten as USER may come back as another,
 * PERSON being what both are known by; bans_take: as USER, who has no seat yet
 * and takes the bans over, with the seats that they are of.
 */
enum db_rc bans_outlast(struct db *, struct user_id,
    const unsigned char person[SECRET_HASH_LEN]) DB_CHECK;
enum db_rc bans_take(struct db *, struct user_id,
    const unsigned char person[SECRET_HASH_LEN]) DB_CHECK;

/*
 * What who is not in the room gets to hear: DB_CONFLICT with *WHY banned or
 * not_in_room.
 */
enum db_rc bans_refuse(
    struct db *, struct room_id, struct user_id, enum problem *why) DB_CHECK;

/* In a write transaction: deletes at most LIMIT bans of a room. */
enum db_rc bans_drop_some(
    struct db *, struct room_id, int limit, int64_t *dropped) DB_CHECK;

/*
 * Adds "{…},{…}": at most LIMIT of those who are banned now, after the
 * chatter AFTER ({0}: from the first).
 */
enum db_rc bans_add_list(struct db *, struct room_id, struct chatter_id after,
    int limit, struct buf *, int *more) DB_CHECK;

#endif
