/*
 * check_storage: tells whether the store could be written now, and if not, the
 * remedy.
 *
 * It takes the locks that a write needs, waiting a second at most, and releases
 * them; it changes nothing.
 */
#ifndef DB_ENGINE_SQLITE_CHECK_STORAGE_H
#define DB_ENGINE_SQLITE_CHECK_STORAGE_H

#include "db/base/findings.h"
#include "db/engine/db.h"

/* Calls FN for each finding; gives the number. */
int check_storage(const struct store_options *, findings_fn fn, void *arg);

#endif
