/*
 * members: gives seats in rooms, and changes roles and nicknames.
 *
 * A seat (db/rows/chatters.h) makes a member.  Being present is the next step
 * (db/chat/arrivals.h).
 */
#ifndef DB_CHAT_MEMBERS_H
#define DB_CHAT_MEMBERS_H

#include "db/base/problem.h"
#include "db/engine/db.h"
#include "db/rows/chatters.h"
#include "db/rows/rooms.h"

/* Someone who wants a seat; texts are lent. */
struct newcomer {
	struct user_id user;
	const char
	    *nickname; /* checked by names_check_nickname, clean; NULL: none */
	const char *language; /* Accept-Language, for a generated one */
	const char *usual; /* instead of a generated one; NULL: none */
	const char *password; /* of the room, as it was sent; NULL: none */
	const char *proved; /* the hash against which it was checked */
};

/*
 * In a write transaction: a seat for the newcomer in ROOM, made or found
 * again, with LEFT cleared.  Without a nickname it keeps the one it had; a new
 * seat gets the usual one (arrivals_enter tells it apart from others that look
 * the same) or a generated one.  DB_CONFLICT with *WHY: room_expired, banned,
 * password_required, password_wrong, nickname_taken or nickname_reserved.
 * *MADE: 1 when the seat is new.
 */
enum db_rc members_seat(struct db *, const struct room *,
    const struct newcomer *, struct chatter *, int *made,
    enum problem *why) DB_CHECK;

/* Whether the newcomer needs the room's password, as things stand now. */
enum db_rc members_need_password(
    struct db *, const struct room *, struct user_id, int *need) DB_CHECK;

/*
 * In a write transaction: gives CHATTER another role and, if the chatter is
 * online, appends `presence` changed.
 */
enum db_rc members_set_role(struct db *, const struct room *,
    const struct chatter *, enum role) DB_CHECK;

/*
 * In a write transaction: changes the nickname and, if the chatter is online,
 * appends `presence` renamed.  DB_CONFLICT with *WHY: nickname_taken,
 * nickname_reserved, room_expired.
 */
enum db_rc members_rename(struct db *, const struct room *,
    const struct chatter *, const char *nickname, enum problem *why) DB_CHECK;

#endif
