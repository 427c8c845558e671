/*
 * check: looks at a store from outside and says what is wrong with it.
 *
 * It only reads, with a connection of its own, beside running programs.  A
 * finding is one line: what is wrong and how to mend it.
 */
#ifndef DB_ENGINE_SQLITE_CHECK_H
#define DB_ENGINE_SQLITE_CHECK_H

#include "db/base/findings.h"
#include "db/engine/schema.h"

/* Calls FN for each finding about the store in DIR; gives their number. */
int check_run(const char *dir, const struct schema *, findings_fn, void *arg);

#endif
