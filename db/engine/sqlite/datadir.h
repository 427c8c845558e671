/*
 * datadir: the files of the data directory, their owner and their modes.
 */
#ifndef DB_ENGINE_SQLITE_DATADIR_H
#define DB_ENGINE_SQLITE_DATADIR_H

#include <sys/types.h>

/*
 * Gives the files in DIR that belong to root to the directory's owner, who
 * could not open them otherwise.  Only root's call has an effect.
 */
void datadir_give(const char *dir);

/*
 * The mode of files in DIR: for the owner alone, or for the group as well where
 * the group may write to DIR (shared by a web server's user and another user).
 */
mode_t datadir_file_mode(const char *dir);

/*
 * Opens PATH, a file in DIR, and makes it if it is missing: with
 * datadir_file_mode, and owned by the directory's owner even when root makes
 * it.  FLAGS as for open(2); with O_EXCL it must be missing.  The descriptor,
 * or -1 with errno.
 */
int datadir_open(const char *dir, const char *path, int flags)
    __attribute__((warn_unused_result));

/*
 * Makes the directory if it is missing.  0: it exists, or its parent may not be
 * entered (db/engine/sqlite/datadir_check.h tells which); -1: logged.
 */
int datadir_make(const char *dir) __attribute__((warn_unused_result));

#endif
