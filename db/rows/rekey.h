/*
 * rekey: brings the stored keys of nicknames to the rules of this program.
 *
 * For the migration, which has the database for itself, and for the check.
 */
#ifndef DB_ROWS_REKEY_H
#define DB_ROWS_REKEY_H

#include <sqlite3.h>

#include "db/engine/db.h"

/*
 * Makes the keys of all nicknames anew in one transaction, unless they are of
 * these rules and this ICU already (lookalike_add_version).  Two who are
 * present and look the same by the new keys keep their names.  DB_FAIL: the
 * connection holds the error, and the transaction must be rolled back.
 */
enum db_rc rekey_run(sqlite3 *) DB_CHECK;

/* 1: the keys are of other rules or of another ICU. */
int rekey_due(sqlite3 *);

#endif
