/*
 * rooms: where people talk.
 *
 * A struct room holds what decisions need; texts are only ever wanted as the
 * room's one JSON form, which rooms_add_json makes.
 */
#ifndef DB_ROWS_ROOMS_H
#define DB_ROWS_ROOMS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

enum {
	ROOM_CAPACITY_MAX = 100000,
	ROOM_GRACE_MAX = 600000,
	ROOM_SLOW_MAX = 3600000
};

/* Which comings and goings become messages; `presence` is always told. */
enum notices { NOTICES_ALL, NOTICES_QUIET, NOTICES_OFF };

struct room {
	struct room_id id;
	struct room_name name;
	struct user_id owner;
	int64_t capacity; /* chatters online at one time */
	int64_t online; /* chatters online now */
	int64_t grace; /* ms between the end of the last
					   connection and the leave */
	int64_t expires; /* wall ms, 0: never */
	int64_t slow; /* ms between two messages of a member, 0: any */
	enum notices notices;
	int has_password;
	int closed; /* its expiry has been told */
};

enum room_listing { ROOM_UNLISTED, ROOM_LISTED };

/* What a room is made or changed from; lent. */
struct room_draft {
	struct room_name name; /* only when made */
	const char *namespace; /* only when made */
	struct user_id owner; /* only when made */
	const char *title; /* UTF-8; NULL: as it is */
	int64_t capacity; /* -1: as it is */
	int64_t grace; /* ms; -1: as it is */
	int64_t expires; /* wall ms; 0 never; -1: as it is */
	int64_t slow; /* ms; -1: as it is */
	int listed; /* enum room_listing; -1: as it is */
	int notices; /* enum notices; -1: as it is */
	const char *password; /* as passwords_hash made it; "" none;
					   NULL: as it is */
};

/* 0 and *NOTICES filled in when TEXT is all, quiet or off, else -1. */
int rooms_read_notices(const char *text, enum notices *)
    __attribute__((warn_unused_result));

/* DB_NONE: no room is called so. */
enum db_rc rooms_find(struct db *, const char *name, struct room *) DB_CHECK;
enum db_rc rooms_get(struct db *, struct room_id, struct room *) DB_CHECK;

/* Adds the hash of the room's password; none: nothing. */
enum db_rc rooms_add_password(
    struct db *, struct room_id, struct buf *) DB_CHECK;

/* Whether the room's time is over at this moment. */
int room_expired(const struct room *);

/* In a write transaction.  DB_CONFLICT: the name is taken. */
enum db_rc rooms_make(
    struct db *, const struct room_draft *, struct room *) DB_CHECK;

/* In a write transaction: changes what the draft names; appends `room`. */
enum db_rc rooms_change(
    struct db *, const struct room *, const struct room_draft *) DB_CHECK;

/*
 * In a write transaction: takes the room away from everybody, ends presence
 * in it, and appends the `room` event that ends every subscription.  Its name
 * is free.  What is left of it has no name that anybody knows, no function
 * here finds it, and rooms_purge takes it away: that may be very much.
 */
enum db_rc rooms_delete(struct db *, const struct room *) DB_CHECK;

/*
 * In a write transaction: rooms whose time is over are closed, once: whoever
 * is there leaves, and the `room` event ends the subscriptions.  At most LIMIT
 * rooms, and no more of a large crowd than one event can tell, so it is called
 * until it answers DB_NONE: none is left.  rooms_due asks the same without
 * writing.  A room that is given more time opens again (rooms_change), and so
 * does one that was closed by a clock that was ahead.
 */
enum db_rc rooms_close_expired(struct db *, int limit) DB_CHECK;
enum db_rc rooms_due(struct db *) DB_CHECK;

/*
 * In a write transaction: takes away what is left of a deleted room, about
 * LIMIT rows of each kind at once, events, messages, bans and chatters; with
 * the last of it no file of the store holds what was said there.  If nothing
 * is left of any, deletes a room that was closed before BEFORE (steady ms).
 * DB_NONE: there is none.  rooms_purge_due asks the same without writing.
 */
enum db_rc rooms_purge(struct db *, int64_t before, int limit) DB_CHECK;
enum db_rc rooms_purge_due(struct db *, int64_t before) DB_CHECK;

/*
 * In write transactions: USER takes a seat of those who are online, which only
 * the owner does beyond the capacity (DB_CONFLICT: it is full); N seats are
 * free again.  rooms_online: how many are taken.
 */
enum db_rc rooms_take_seat(
    struct db *, struct room_id, struct user_id) DB_CHECK;
enum db_rc rooms_give_seats(struct db *, struct room_id, int64_t n) DB_CHECK;
enum db_rc rooms_online(struct db *, struct room_id, int64_t *count) DB_CHECK;

/*
 * In write transactions: MESSAGE is the newest of the room; one that counts as
 * unread, or a notice, which does not.
 */
enum db_rc rooms_set_last_message(
    struct db *, struct room_id, struct message_id) DB_CHECK;
enum db_rc rooms_set_last_notice(
    struct db *, struct room_id, struct message_id) DB_CHECK;

/* In a write transaction: a message of the room is deleted now. */
enum db_rc rooms_mark_erased(struct db *, struct room_id) DB_CHECK;

/* Adds {"id":…}: the one JSON form of a room. */
enum db_rc rooms_add_json(struct db *, struct room_id, struct buf *) DB_CHECK;

/*
 * Adds "{…},{…}": at most LIMIT listed and unexpired rooms of NAMESPACE, in
 * the order in which they were made, after the room called AFTER (NULL or
 * unknown: from the first).  *MORE says whether others follow.
 */
enum db_rc rooms_add_list(struct db *, const char *namespace, const char *after,
    int limit, struct buf *, int *more) DB_CHECK;

#endif
