/*
 * expiry: ends leases that have run out.
 *
 * The streams of dead nodes end, presence rows and listeners whose time has
 * passed are deleted, and the rooms are told who has left.
 */
#ifndef DB_CHAT_EXPIRY_H
#define DB_CHAT_EXPIRY_H

#include "db/engine/db.h"

/*
 * In a write transaction: gives the rows of dead nodes their grace, deletes at
 * most LIMIT expired rows and as many listeners, and tells the rooms.
 * DB_NONE: nothing was due.  A node is dead when its lease has been over for
 * PATIENCE_MS.  expiry_due asks the same without writing: DB_OK if there is
 * work.
 */
enum db_rc expiry_reap(struct db *, int64_t patience_ms, int limit) DB_CHECK;
enum db_rc expiry_due(struct db *, int64_t patience_ms) DB_CHECK;

#endif
