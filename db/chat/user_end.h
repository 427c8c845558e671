/*
 * user_end: forgets a user everywhere: `DELETE /me`.
 */
#ifndef DB_CHAT_USER_END_H
#define DB_CHAT_USER_END_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

/*
 * In a write transaction: ends USER's streams, leaves all rooms, and deletes
 * the notifications, the personal queue and the stored repeats.  Messages,
 * rooms and bans stay (db/chat/accounts.h).
 */
enum db_rc user_end_forget(struct db *, struct user_id) DB_CHECK;

#endif
