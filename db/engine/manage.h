/*
 * manage: the contract of `parlor migrate` and `parlor check`, for a store that
 * is not open.
 */
#ifndef DB_ENGINE_MANAGE_H
#define DB_ENGINE_MANAGE_H

#include "db/base/findings.h"
#include "db/engine/db.h"

/*
 * Makes the store of the options, or brings it to the schema of this program
 * (db/engine/migrations.h).  DB_OK also when there was nothing to do; DB_FAIL
 * is logged with what to do.  *BEFORE is the schema number before; at most 0:
 * there was no store.
 */
enum db_rc manage_migrate(const struct store_options *, int *before) DB_CHECK;

/*
 * Calls FN for each fault of the store, in the database and around it, and
 * gives the number of findings.  It changes nothing, and programs may go on
 * running.
 */
int manage_check(const struct store_options *, findings_fn fn, void *arg);

#endif
