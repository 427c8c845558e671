/*
 * rooms: the table `room`.
 *
 * A struct room holds what decisions need.  Its texts are needed only in the
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

/* The joins and leaves that become messages; `presence` tells them all. */
enum notices { NOTICES_ALL, NOTICES_QUIET, NOTICES_OFF };

/* Who may send to a room without being in it; banned people may not. */
enum posting { POST_MEMBERS, POST_ANYONE };

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
	enum posting post;
	int has_password;
	int closed; /* its expiry has been told */
};

enum room_listing { ROOM_UNLISTED, ROOM_LISTED };

/* The settings of a new room, or changes to those of a room; lent. */
struct room_draft {
	struct room_name name; /* of a new room only */
	const char *namespace; /* of a new room only */
	struct user_id owner; /* of a new room only */
	const char *title; /* UTF-8; NULL: unchanged */
	int64_t capacity; /* -1: unchanged */
	int64_t grace; /* ms; -1: unchanged */
	int64_t expires; /* wall ms; 0 never; -1: unchanged */
	int64_t slow; /* ms; -1: unchanged */
	int listed; /* enum room_listing; -1: unchanged */
	int notices; /* enum notices; -1: unchanged */
	int post; /* enum posting; -1: unchanged */
	const char *password; /* as passwords_hash made it; "" none;
					   NULL: unchanged */
};

/* 0 and *NOTICES filled in when TEXT is all, quiet or off, else -1. */
int rooms_read_notices(const char *text, enum notices *)
    __attribute__((warn_unused_result));

/* The same for *POST when TEXT is members or anyone. */
int rooms_read_posting(const char *text, enum posting *)
    __attribute__((warn_unused_result));

/* DB_NONE: there is no such room. */
enum db_rc rooms_find(struct db *, const char *name, struct room *) DB_CHECK;
enum db_rc rooms_get(struct db *, struct room_id, struct room *) DB_CHECK;

/* A job will call rooms_find for NAME (db_ask_fn). */
void rooms_ask(struct db *, const char *name);

/* Adds the hash of the room's password; none: nothing. */
enum db_rc rooms_add_password(
    struct db *, struct room_id, struct buf *) DB_CHECK;

/* Whether EXPIRES, or the time at which the room expires, has passed. */
int rooms_is_past(int64_t expires);
int rooms_expired(const struct room *);

/* In a write transaction.  DB_CONFLICT: the name is taken. */
enum db_rc rooms_make(
    struct db *, const struct room_draft *, struct room *) DB_CHECK;

/* In a write transaction: changes what the draft names. */
enum db_rc rooms_update(
    struct db *, struct room_id, const struct room_draft *) DB_CHECK;

/*
 * The room that expired first by NOW (wall ms) and has not been closed.
 * rooms_set_closed, in a write transaction: it is closed AT (steady ms).
 */
enum db_rc rooms_first_expired(
    struct db *, int64_t now, struct room *) DB_CHECK;
enum db_rc rooms_set_closed(struct db *, struct room_id, int64_t at) DB_CHECK;

/*
 * DB_OK: a closed room expires only after NOW (wall ms).  rooms_reopen, in a
 * write transaction: opens all such.
 */
enum db_rc rooms_reopenable(struct db *, int64_t now) DB_CHECK;
enum db_rc rooms_reopen(struct db *, int64_t now, int64_t *opened) DB_CHECK;

/* The room that was closed first, before BEFORE (steady ms). */
enum db_rc rooms_first_purgeable(
    struct db *, int64_t before, struct room *) DB_CHECK;

/* A deleted room, which no other function finds. */
struct tombstone {
	struct room_id id;
	int64_t blank; /* its events from this seq on are empty */
};

/*
 * In write transactions: makes the room a tombstone called NAME, whose events
 * end at the seq TOLD; notes that its events are empty from the seq BLANK on;
 * drops it, so that soon after the commit no file of the store holds any of
 * it.
 */
enum db_rc rooms_set_tombstone(struct db *, struct room_id, int64_t told,
    const struct room_name *name) DB_CHECK;
enum db_rc rooms_set_blank(struct db *, struct room_id, int64_t blank) DB_CHECK;
enum db_rc rooms_drop(struct db *, struct room_id) DB_CHECK;

/* A tombstone; one whose removal has begun comes first. */
enum db_rc rooms_first_tombstone(struct db *, struct tombstone *) DB_CHECK;

/*
 * In write transactions: USER takes a seat among those online, beyond the
 * capacity only if USER owns the room (DB_CONFLICT: it is full); N seats
 * become free.  rooms_online: the number of seats taken.
 */
enum db_rc rooms_take_seat(
    struct db *, struct room_id, struct user_id) DB_CHECK;
enum db_rc rooms_give_seats(struct db *, struct room_id, int64_t n) DB_CHECK;
enum db_rc rooms_online(struct db *, struct room_id, int64_t *count) DB_CHECK;

/*
 * In a write transaction, before a notice is stored: notes which message is
 * the newest that counts as unread (db/rows/said.h).
 */
void rooms_note_said(struct db *, struct room_id);

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
