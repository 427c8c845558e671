/*
 * migrate: brings a database to the schema of this program.
 *
 * Each file of migrations/ is compiled in and run in one transaction, under
 * the write lock, forward only.  DB_OK also when there was nothing to do;
 * DB_FAIL is logged with what to do.  The keys of nicknames are made anew when
 * they are of other rules or of another ICU (db/rows/rekey.h).
 */
#ifndef DB_ENGINE_SQLITE_MIGRATE_H
#define DB_ENGINE_SQLITE_MIGRATE_H

#include "db/engine/db.h"

/* Makes DIR (mode 0700) and DIR/parlor.db when they are not there. */
enum db_rc migrate_run(const char *dir) DB_CHECK;

#endif
