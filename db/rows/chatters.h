/*
 * chatters: the table `chatter`: a user's seat in one room, with the nickname
 * there.
 *
 * A chatter outlives presence: someone whose connections timed out is still a
 * member and comes back as the same chatter.  Someone who pressed Leave or was
 * removed has LEFT set; joining again clears it.  The same person in two rooms
 * is two chatters that nobody can connect.
 *
 * Only this file writes the table.  The rules are in db/chat: members.h (who
 * gets a seat), nicknames.h (who may be called what) and unread.h (what was
 * told and read).  All writing calls are made in a write transaction.
 */
#ifndef DB_ROWS_CHATTERS_H
#define DB_ROWS_CHATTERS_H

#include "db/base/buf.h"
#include "db/base/limits.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/text/lookalike.h"

enum role { ROLE_MEMBER, ROLE_MODERATOR, ROLE_OWNER };

struct chatter {
	struct chatter_id id;
	struct room_id room;
	struct user_id user;
	struct chatter_name name;
	enum role role;
	int left; /* 1: not in the room */
};

/* DB_NONE: the user never joined; no chatter has that name or id. */
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

/* A user's seat in a room, as sending a message needs it. */
struct author {
	struct chatter_id id;
	struct chatter_name name;
	char nickname[NICKNAME_STORED_BYTES + 1];
	enum role role;
	int left;
	int64_t spoke; /* steady ms; kept in rooms with slow mode alone */
};

/* DB_NONE: the user never joined. */
enum db_rc chatters_author(
    struct db *, struct room_id, struct user_id, struct author *) DB_CHECK;

/* Adds the nickname. */
enum db_rc chatters_nickname(
    struct db *, struct chatter_id, struct buf *nickname) DB_CHECK;

/*
 * The next of all seats after *ID ({0}: the first), and its nickname; *ID is
 * then that seat's id.  DB_NONE: that was the last.
 */
enum db_rc chatters_next_nickname(
    struct db *, struct chatter_id *id, struct buf *nickname) DB_CHECK;

/*
 * DB_OK: someone present in the room, not SELF ({0}: nobody), has a nickname
 * with one of these keys.  DB_NONE: they are free.
 */
enum db_rc chatters_name_taken(struct db *, struct room_id,
    struct chatter_id self, const struct lookalike *keys) DB_CHECK;

/* A new seat; texts are lent. */
struct chatter_draft {
	struct room_id room;
	struct user_id user;
	enum role role;
	const char *nickname;
	const struct lookalike *keys; /* of the nickname */
	int64_t joined; /* steady ms */
};
enum db_rc chatters_insert(struct db *, const struct chatter_draft *) DB_CHECK;

/*
 * Clears LEFT; the user's own queue has been told of nothing unread in the
 * room.
 */
enum db_rc chatters_come_back(struct db *, struct chatter_id) DB_CHECK;

enum db_rc chatters_set_role(
    struct db *, struct chatter_id, enum role) DB_CHECK;
enum db_rc chatters_set_nickname(struct db *, struct chatter_id,
    const char *nickname, const struct lookalike *keys) DB_CHECK;
enum db_rc chatters_set_left(
    struct db *, struct chatter_id, int64_t wall_ms) DB_CHECK;
void chatters_set_spoke(struct db *, struct chatter_id, int64_t steady_ms);

/*
 * The user's own queue is told at this moment that UNREAD messages are unread.
 */
enum db_rc chatters_set_told(
    struct db *, struct chatter_id, int64_t unread) DB_CHECK;

/* The same, and the read marker stands at READ. */
enum db_rc chatters_set_read(struct db *, struct chatter_id,
    struct message_id read, int64_t unread) DB_CHECK;

/* TO gets the seats of FROM in rooms where FROM has a ban. */
enum db_rc chatters_take_over(
    struct db *, struct user_id to, struct user_id from) DB_CHECK;

/* Deletes at most LIMIT seats of a room; *N were deleted. */
enum db_rc chatters_drop_some(
    struct db *, struct room_id, int limit, int64_t *n) DB_CHECK;

/* 0 and *ROLE filled in when TEXT is member, moderator or owner, else -1. */
int chatters_read_role(const char *text, enum role *)
    __attribute__((warn_unused_result));

/* Adds {"id","nickname","role"}; DB_NONE: no such chatter. */
enum db_rc chatters_add_json(
    struct db *, struct chatter_id, struct buf *) DB_CHECK;

/* The same with one more member: "was" of a rename, "reason" of a leave. */
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

#endif
