/*
 * my_rooms: the rooms that a user is a member of, with their unread counts.
 *
 * Rooms that the user has left and deleted rooms are left out.  Call these in
 * the same read transaction as events_state (events.h), read first: the list
 * and the total are then of the moment that its cursor names.
 */
#ifndef DB_CHAT_MY_ROOMS_H
#define DB_CHAT_MY_ROOMS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/rows/memberships.h"

enum { MY_ROOMS_LIMIT_MAX = 100 };

/*
 * Adds "{…},{…}": at most LIMIT rooms of USER, most recent first, after
 * *PLACE.  *PLACE is then the position of the last one.  *MORE: others follow.
 */
enum db_rc my_rooms_add(struct db *, struct user_id, int limit,
    struct my_rooms_place *, struct buf *, int *more) DB_CHECK;

/*
 * The sum of the counts of all rooms of USER.  As in the list, a room with
 * UNREAD_MAX or more adds UNREAD_MAX.
 */
enum db_rc my_rooms_unread(
    struct db *, struct user_id, int64_t *unread) DB_CHECK;

#endif
