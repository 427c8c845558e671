/*
 * unread_watchers: the table `unread_watcher`: absent members whose user
 * listens.
 *
 * They are told of each message of their room as it is sent
 * (db/chat/unread.h).  Only this file writes the table; all calls are made in a
 * write transaction.
 */
#ifndef DB_ROWS_UNREAD_WATCHERS_H
#define DB_ROWS_UNREAD_WATCHERS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

enum db_rc unread_watchers_insert(
    struct db *, struct chatter_id, struct room_id, struct user_id) DB_CHECK;

enum db_rc unread_watchers_drop(struct db *, struct chatter_id) DB_CHECK;
enum db_rc unread_watchers_drop_user(struct db *, struct user_id) DB_CHECK;
enum db_rc unread_watchers_drop_room(struct db *, struct room_id) DB_CHECK;
enum db_rc unread_watchers_drop_all(struct db *) DB_CHECK;

#endif
