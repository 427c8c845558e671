/*
 * room_change: changes a room's settings.
 */
#ifndef DB_CHAT_ROOM_CHANGE_H
#define DB_CHAT_ROOM_CHANGE_H

#include "db/rows/rooms.h"

/*
 * In a write transaction: changes what the draft names, and appends `room`.
 * If an expired room is given more time, that event ends the subscriptions:
 * its subscribers only read it and were not present in it.
 */
enum db_rc room_change(
    struct db *, const struct room *, const struct room_draft *) DB_CHECK;

#endif
