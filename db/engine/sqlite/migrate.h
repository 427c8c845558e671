/*
 * migrate: brings a database to the schema of this program.
 *
 * Each file of migrations/ is compiled in and run in one transaction, under
 * the write lock, forward only.  DB_OK also when there was nothing to do;
 * DB_FAIL is logged with what to do.  At the end derived columns are brought to
 * the rules of this program, as the struct schema says.
 */
#ifndef DB_ENGINE_SQLITE_MIGRATE_H
#define DB_ENGINE_SQLITE_MIGRATE_H

#include "db/engine/schema.h"

/* Makes DIR (mode 0700) and DIR/parlor.db when they are not there. */
enum db_rc migrate_run(const char *dir, const struct schema *) DB_CHECK;

/* The same for the database at PATH, which no other program uses. */
enum db_rc migrate_file(const char *path, const struct schema *) DB_CHECK;

#endif
