/*
 * presence_events: tells a room who is present in it.
 *
 * A `presence` event says what changed and how many chatters are online then;
 * a `chatters` event is the list of them.
 */
#ifndef DB_CHAT_PRESENCE_EVENTS_H
#define DB_CHAT_PRESENCE_EVENTS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/rooms.h"

enum presence_change {
	PRESENCE_JOINED,
	PRESENCE_LEFT,
	PRESENCE_RENAMED,
	PRESENCE_CHANGED /* another role */
};

/*
 * In a write transaction: appends `presence` about ITEMS, "{…},{…}", and how
 * many are online now.  ENDS as in struct event.
 */
enum db_rc presence_events_tell(struct db *, const struct room *,
    enum presence_change, const struct buf *items, int64_t ends) DB_CHECK;

/* In a write transaction: appends `chatters`, the list of who is online. */
enum db_rc presence_events_announce(struct db *, const struct room *) DB_CHECK;

#endif
