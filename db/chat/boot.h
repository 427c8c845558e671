/*
 * boot: what the first write does after the machine has restarted.
 *
 * Lease times begin at 0 again, and no daemon from before is left.  Every
 * connection that was present gets its room's grace from then on.
 */
#ifndef DB_CHAT_BOOT_H
#define DB_CHAT_BOOT_H

#include "db/engine/db.h"

/* DB_OK: this boot is known; DB_NONE: boot_meet must come before any write. */
enum db_rc boot_check(struct db *) DB_CHECK;

/* In a write transaction. */
enum db_rc boot_meet(struct db *) DB_CHECK;

#endif
