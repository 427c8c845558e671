/*
 * author: the seat from which a user says something.
 */
#ifndef DB_CHAT_AUTHOR_H
#define DB_CHAT_AUTHOR_H

#include "db/base/problem.h"
#include "db/rows/chatters.h"

/*
 * The seat of USER, who must be in the room.  DB_CONFLICT with *WHY: banned or
 * not_in_room.
 */
enum db_rc author_find(struct db *, struct room_id, struct user_id,
    struct author *, enum problem *why) DB_CHECK;

#endif
