/*
 * notice_pace: the tables `notice_pace` and `coalesced`: how often a room has
 * notices.
 *
 * The table notice_pace has a row for each room with recent notices.  The
 * table coalesced has a row for each change of a chatter that waits to be told
 * with others.  A chatter has at most two such rows: AGAIN is 0 in the first
 * and 1 in the second.  db/chat/notices.h has the rules.
 */
#ifndef DB_ROWS_NOTICE_PACE_H
#define DB_ROWS_NOTICE_PACE_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

struct notice_pace {
	int64_t began; /* lease ms of the first of a burst */
	int64_t told; /* since then */
	int64_t due; /* when coalesced changes are told; 0: none */
};

/* DB_NONE, and all 0: the room has none. */
enum db_rc notice_pace_read(
    struct db *, struct room_id, struct notice_pace *) DB_CHECK;
enum db_rc notice_pace_set(
    struct db *, struct room_id, const struct notice_pace *) DB_CHECK;
enum db_rc notice_pace_drop_room(struct db *, struct room_id) DB_CHECK;

/* At most LIMIT rooms whose DUE is not between these two, into ROOMS. */
enum db_rc notice_pace_due(struct db *, const int64_t between[2], int limit,
    struct room_id *rooms, int *n) DB_CHECK;

struct coalesced {
	struct room_id room;
	struct chatter_id chatter;
	int64_t again;
	int notice; /* enum notice */
};

/*
 * How many changes of a chatter wait.  In write transactions: adds one;
 * deletes all of a chatter, or of a room.
 */
enum db_rc notice_pace_waiting(
    struct db *, struct chatter_id, int64_t *n) DB_CHECK;
enum db_rc notice_pace_coalesce(struct db *, const struct coalesced *) DB_CHECK;
enum db_rc notice_pace_forget_chatter(struct db *, struct chatter_id) DB_CHECK;
enum db_rc notice_pace_forget_room(struct db *, struct room_id) DB_CHECK;

/* The chatters whose change AGAIN (0: first, 1: second) is NOTICE. */
struct coalesced_group {
	struct room_id room;
	int notice;
	int again[2]; /* from, to */
};

/* The number of chatters in the group; and at most LIMIT of them, into IDS. */
enum db_rc notice_pace_count(
    struct db *, const struct coalesced_group *, int64_t *count) DB_CHECK;
enum db_rc notice_pace_list(struct db *, const struct coalesced_group *,
    int limit, struct chatter_id *ids, size_t *n) DB_CHECK;

/* DB_OK: someone in the room did JOINED and then another notice. */
enum db_rc notice_pace_came_and_went(
    struct db *, struct room_id, int joined) DB_CHECK;

#endif
