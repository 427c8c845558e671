/*
 * removal: removes chatters from a room, and bans them.
 */
#ifndef DB_CHAT_REMOVAL_H
#define DB_CHAT_REMOVAL_H

#include <stdint.h>

#include "db/engine/db.h"
#include "db/rows/chatters.h"
#include "db/rows/rooms.h"

/*
 * In a write transaction: CHATTER leaves ROOM, for the reason `removed`, and
 * is no moderator any more.  A chatter who has left already only loses the
 * role.
 */
enum db_rc removal_remove(
    struct db *, const struct room *, const struct chatter *) DB_CHECK;

/* The same, and the user may not return for MS; 0: for good. */
enum db_rc removal_ban(struct db *, const struct room *, const struct chatter *,
    int64_t ms) DB_CHECK;

#endif
