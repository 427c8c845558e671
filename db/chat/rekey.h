/*
 * rekey: recomputes the keys of stored nicknames when the rules change.
 *
 * `parlor migrate` does it and `parlor check` looks whether it is due
 * (db/engine/schema.h).
 */
#ifndef DB_CHAT_REKEY_H
#define DB_CHAT_REKEY_H

#include "db/engine/db.h"

/* DB_NONE: the keys are of these rules and of this ICU. */
enum db_rc rekey_due(struct db *) DB_CHECK;

/*
 * In a write transaction: makes the keys of all nicknames anew.  Two chatters
 * who are present and look the same by the new keys keep their names.
 */
enum db_rc rekey_run(struct db *) DB_CHECK;

#endif
