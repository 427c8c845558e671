/*
 * boot: what the store does first after the machine was started anew; for
 * db/ alone.
 *
 * Lease times begin at 0 again, and no daemon of before is left.
 */
#ifndef DB_ROWS_BOOT_H
#define DB_ROWS_BOOT_H

#include "db/engine/db.h"

/* DB_OK: this boot is known; DB_NONE: boot_meet must come before any write. */
enum db_rc boot_check(struct db *) DB_CHECK;

/* In a write transaction. */
enum db_rc boot_meet(struct db *) DB_CHECK;

#endif
