/*
 * inventory: what the administrator reads and no request does.
 *
 * This file only reads.  The functions called `next` walk a list: each fills in
 * the entry that follows the one given (all zero: the first), or gives DB_NONE.
 */
#ifndef DB_ROWS_INVENTORY_H
#define DB_ROWS_INVENTORY_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

/* All rooms: unlisted and expired ones too, but none that was deleted. */
enum db_rc inventory_next_room(struct db *, struct room_id *) DB_CHECK;

/* A seat, also of a chatter who has left. */
struct inventory_seat {
	struct chatter_id chatter;
	struct room_id room;
	struct user_id user;
	int left;
	int online;
};

/* The seats in ROOM; the seats of USER. */
enum db_rc inventory_next_in_room(
    struct db *, struct room_id, struct inventory_seat *) DB_CHECK;
enum db_rc inventory_next_of_user(
    struct db *, struct user_id, struct inventory_seat *) DB_CHECK;

/* The user of the chatter NAME, in whatever room.  DB_NONE: there is none. */
enum db_rc inventory_user_of_chatter(
    struct db *, const char *name, struct user_id *) DB_CHECK;

/* DB_OK: USER is a service key, valid or revoked. */
enum db_rc inventory_is_key(struct db *, struct user_id) DB_CHECK;

/* USER's notifications, the oldest first, by their CHANGED. */
struct inventory_notification {
	struct notification_id id;
	int64_t changed; /* wall ms */
};
enum db_rc inventory_next_notification(
    struct db *, struct user_id, struct inventory_notification *) DB_CHECK;

/*
 * Calls FN for at most LIMIT messages of ROOM after *LAST, those of CHATTER
 * alone unless that is {0}; JSON is lent.  *LAST is then the last one.  DB_NONE:
 * there was none.
 */
enum db_rc inventory_messages(struct db *, struct room_id, struct chatter_id,
    struct message_id *last, int limit,
    void (*fn)(const char *json, size_t len, void *arg), void *arg) DB_CHECK;

/* Calls FN for each number that `parlor stats` shows. */
enum db_rc inventory_counts(struct db *,
    void (*fn)(const char *name, int64_t n, void *arg), void *arg) DB_CHECK;

#endif
