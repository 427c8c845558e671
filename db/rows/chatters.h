/*
 * chatters: a user's seat in one room, with the nickname there.
 *
 * A chatter outlives presence: who was timed out is still a member and comes
 * back as the same chatter.  Who pressed Leave or was removed has LEFT set;
 * joining again clears it.  The same person in two rooms is two chatters that
 * nobody can connect.
 */
#ifndef DB_ROWS_CHATTERS_H
#define DB_ROWS_CHATTERS_H

#include "db/base/buf.h"
#include "db/base/limits.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/base/problem.h"
#include "db/rows/rooms.h"

enum role { ROLE_MEMBER, ROLE_MODERATOR, ROLE_OWNER };

struct chatter {
	struct chatter_id id;
	struct room_id room;
	struct user_id user;
	struct chatter_name name;
	enum role role;
	int left; /* 1: not in the room */
};

/* DB_NONE: that user never joined; DB_NONE too: no chatter is called so. */
enum db_rc chatters_of_user(
    struct db *, struct room_id, struct user_id, struct chatter *) DB_CHECK;
enum db_rc chatters_by_name(
    struct db *, struct room_id, const char *name, struct chatter *) DB_CHECK;
enum db_rc chatters_get(
    struct db *, struct chatter_id, struct chatter *) DB_CHECK;

/*
 * The next seat after AFTER ({0}: the first) that USER has not left.  DB_NONE:
 * that was the last.
 */
enum db_rc chatters_next_of_user(struct db *, struct user_id,
    struct chatter_id after, struct chatter *) DB_CHECK;

/* Who wants a seat; texts are lent. */
struct newcomer {
	struct user_id user;
	const char
	    *nickname; /* checked by names_check_nickname, clean; NULL: none */
	const char *language; /* Accept-Language, for a generated one */
	const char *usual; /* instead of a generated one; NULL: none */
	const char *password; /* of the room, as it was sent; NULL: none */
	const char *proved; /* the hash that it has been found right by */
};

/*
 * In a write transaction: a seat for the newcomer in ROOM, made or found
 * again, with LEFT cleared.  Without a nickname it is as it was, or the usual
 * one (presence tells it apart from others that look the same), or a generated
 * one.  Presence is the next step (presence_enter).  DB_CONFLICT with *WHY:
 * room_expired, banned, password_required, password_wrong, nickname_taken or
 * nickname_reserved.
 * *MADE: 1 when the seat is new.
 */
enum db_rc chatters_seat(struct db *, const struct room *,
    const struct newcomer *, struct chatter *, int *made,
    enum problem *why) DB_CHECK;

/* Whether the newcomer, by what is known now, needs the room's password. */
enum db_rc chatters_need_password(
    struct db *, const struct room *, struct user_id, int *need) DB_CHECK;

/* 0 and *ROLE filled in when TEXT is member, moderator or owner, else -1. */
int chatters_read_role(const char *text, enum role *)
    __attribute__((warn_unused_result));

/*
 * In a write transaction: gives CHATTER another role and, if the chatter is
 * online, appends `presence` changed.
 */
enum db_rc chatters_set_role(struct db *, const struct room *,
    const struct chatter *, enum role) DB_CHECK;

/*
 * In a write transaction: changes the nickname and, if the chatter is online,
 * appends `presence` renamed.  DB_CONFLICT with *WHY: nickname_taken,
 * nickname_reserved, room_expired.
 */
enum db_rc chatters_rename(struct db *, const struct room *,
    const struct chatter *, const char *nickname, enum problem *why) DB_CHECK;

/* Adds {"id","nickname","role"}; DB_NONE: no such chatter. */
enum db_rc chatters_add_json(
    struct db *, struct chatter_id, struct buf *) DB_CHECK;

/* The same with one more member: who it "was", the "reason" of a leave. */
enum db_rc chatters_add_json_and(struct db *, struct chatter_id,
    const char *member, const char *value, struct buf *) DB_CHECK;

/* Adds {"id","nickname"}, as in messages, and the nickname alone. */
enum db_rc chatters_add_author(struct db *, struct chatter_id, struct buf *json,
    struct buf *nickname) DB_CHECK;

/*
 * Adds "{…},{…}": at most LIMIT chatters who are online, in the order in
 * which they first joined, after AFTER ({0}: from the first).
 */
enum db_rc chatters_add_online(struct db *, struct room_id,
    struct chatter_id after, int limit, struct buf *, int *more) DB_CHECK;

/* In a write transaction: appends `chatters`, the list of who is online. */
enum db_rc chatters_announce(struct db *, const struct room *) DB_CHECK;

#endif
