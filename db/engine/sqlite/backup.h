/*
 * backup: copies the database while programs write to it.
 *
 * If the write-ahead log is empty when a read transaction begins, SQLite reads
 * the database file alone, and no checkpoint may change that file until the
 * transaction ends.  So the file is copied as it is, byte by byte.  Writers
 * wait only while the log is being emptied; meanwhile the log grows.
 */
#ifndef DB_ENGINE_SQLITE_BACKUP_H
#define DB_ENGINE_SQLITE_BACKUP_H

#include "db/engine/manage.h"

/*
 * Copies the database in DIR to the descriptor TO, a file or a pipe.
 * Anything but DB_OK is logged.
 */
enum db_rc backup_copy(const char *dir, int to, struct manage_copy *) DB_CHECK;

/*
 * The same into the directory TO, which is made, or must be empty.  The copy is
 * there as a whole or not at all.
 */
enum db_rc backup_make(
    const char *dir, const char *to, struct manage_copy *) DB_CHECK;

#endif
