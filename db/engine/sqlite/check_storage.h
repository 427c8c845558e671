/*
 * check_storage: tells whether the store could be written now, and if not, the
 * remedy.
 *
 * It takes the locks that a write needs, waiting a second at most, and releases
 * them; it changes nothing.
 */
#ifndef DB_ENGINE_SQLITE_CHECK_STORAGE_H
#define DB_ENGINE_SQLITE_CHECK_STORAGE_H

#include <stdint.h>

#include "db/base/findings.h"

/* STORAGE_MAX as the setting.  Calls FN for each finding; gives the number. */
int check_storage(
    const char *dir, int64_t storage_max, findings_fn fn, void *arg);

#endif
