/*
 * room_events: the event `room`, which tells a room about itself.
 */
#ifndef DB_CHAT_ROOM_EVENTS_H
#define DB_CHAT_ROOM_EVENTS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

/*
 * In a write transaction: appends `room` with the room's JSON.  ENDS as in
 * struct event; EVENT_ENDS_ALL: it says that the room is deleted.
 */
enum db_rc room_events_tell(struct db *, struct room_id,
    const struct buf *room_json, int64_t ends) DB_CHECK;

#endif
