/*
 * restore: puts a backup in the place of a store's database.
 *
 * The backup is copied, checked, migrated and given a new epoch beside the
 * database, which keeps its place until all that has succeeded.  It is then
 * kept under another name.
 */
#ifndef DB_ENGINE_SQLITE_RESTORE_H
#define DB_ENGINE_SQLITE_RESTORE_H

#include "db/base/buf.h"
#include "db/engine/schema.h"

/*
 * FROM is a database file, with its -wal if there is one, or a directory that
 * holds parlor.db.  Adds to KEPT the path of the database that was in DIR;
 * nothing: there was none.  Anything but DB_OK is logged, and DIR is as before.
 */
enum db_rc restore_run(const char *dir, const struct schema *, const char *from,
    struct buf *kept) DB_CHECK;

#endif
