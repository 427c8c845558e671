/*
 * memberships: chatters read together with their rooms, and how far each has
 * read.
 *
 * This file only reads.  Every FN is called once for each row, and the row is
 * lent for the call; FN must not write, because a statement must not change
 * what it walks.  No row at all is DB_OK.
 */
#ifndef DB_ROWS_MEMBERSHIPS_H
#define DB_ROWS_MEMBERSHIPS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

struct membership {
	struct chatter_id chatter;
	struct room_id room;
	struct user_id user;
	struct room_name name; /* of the room */
	struct message_id read; /* the read marker */
	int64_t told; /* the count that the user's own queue was told last */
	int stale; /* something was erased in the room since then */
};

typedef void (*membership_fn)(const struct membership *, void *arg);

/* DB_NONE: no such chatter. */
enum db_rc memberships_get(
    struct db *, struct chatter_id, struct membership *) DB_CHECK;

/* USER's memberships with an open absence. */
enum db_rc memberships_away(
    struct db *, struct user_id, membership_fn, void *arg) DB_CHECK;

/* The unread watchers of ROOM, without EXCEPT. */
enum db_rc memberships_watching(struct db *, struct room_id,
    struct chatter_id except, membership_fn, void *arg) DB_CHECK;

/* A message, and who sent it (0: a service key). */
struct said {
	struct room_id room;
	struct chatter_id sender;
	struct message_id message;
};

/*
 * Members who are present or watch and for whom the message counts as unread:
 * they did not send it, were away when it was sent, and have not read it.
 */
enum db_rc memberships_missed(
    struct db *, const struct said *, membership_fn, void *arg) DB_CHECK;

/* USER's memberships with any absence; without one nothing is unread. */
typedef void (*membership_counted_fn)(
    struct chatter_id, struct room_id, struct message_id read, void *arg);
enum db_rc memberships_with_absence(
    struct db *, struct user_id, membership_counted_fn, void *arg) DB_CHECK;

/* A room in the list of a user's rooms. */
struct my_room {
	struct chatter_id chatter;
	struct room_id room;
	struct room_name name;
	struct message_id read;
	struct message_id said; /* the newest except notices; 0: none */
	int64_t at; /* wall ms: when SAID was sent, or the user joined */
	int away; /* the user is not present there */
};

/* A position in that list: behind the room called ROOM, whose AT is this. */
struct my_rooms_place {
	int64_t at; /* wall ms; INT64_MAX: before all */
	struct room_name room;
};

/*
 * Fills in at most LIMIT rooms of USER that follow PLACE, the most recent
 * first; *N were.
 */
enum db_rc memberships_list(struct db *, struct user_id,
    const struct my_rooms_place *, int limit, struct my_room *,
    int *n) DB_CHECK;

#endif
