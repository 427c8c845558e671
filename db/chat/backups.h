/*
 * backups: completes the store before it is copied, and renews a copy that is
 * to be used.
 *
 * A copy holds the tables alone, not the files beside them.  So what
 * db/chat/last_delivered.h notes of streams and polls is written into the tables
 * before.
 */
#ifndef DB_CHAT_BACKUPS_H
#define DB_CHAT_BACKUPS_H

#include "db/engine/db.h"

/*
 * Writes how far each stream and poll has been written to, in short writes of
 * its own.  Without it, those messages count as unread after a restore.
 */
enum db_rc backups_note_delivered(struct db *) DB_CHECK;

/*
 * In a write transaction, in a store that was restored (db/engine/schema.h).
 */
enum db_rc backups_restored(struct db *) DB_CHECK;

#endif
