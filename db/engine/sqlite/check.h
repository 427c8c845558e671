/*
 * check: checks of the database file.
 *
 * It only reads, with a connection of its own, while programs may be running.
 * A finding is one line: the fault and its remedy.
 */
#ifndef DB_ENGINE_SQLITE_CHECK_H
#define DB_ENGINE_SQLITE_CHECK_H

#include "db/base/findings.h"
#include "db/engine/schema.h"

/* Calls FN for each finding about the store in DIR; gives their number. */
int check_run(const char *dir, const struct schema *, findings_fn, void *arg);

#endif
