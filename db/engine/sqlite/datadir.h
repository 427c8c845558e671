/*
 * datadir: whether a data directory can be used by the user that asks.
 *
 * Looked at before anything is opened, so that each program names the real
 * cause: what SQLite says of a missing right is that it cannot open a file.
 * A file system that is mounted read-only is no finding here; the store says
 * so itself.
 */
#ifndef DB_ENGINE_SQLITE_DATADIR_H
#define DB_ENGINE_SQLITE_DATADIR_H

#include <sys/types.h>

#include "db/engine/db.h"

typedef void (*datadir_fn)(const char *finding, void *arg);

/*
 * Calls FN for each reason why the store in DIR cannot be used: what is wrong
 * and what mends it.  Gives their number.
 */
int datadir_look(const char *dir, datadir_fn, void *arg);

/* The same for a store that is there or is to be made; DB_FAIL: logged. */
enum db_rc datadir_check(const char *dir) DB_CHECK;
enum db_rc datadir_check_to_make(const char *dir) DB_CHECK;

/*
 * Root leaves files behind that the user of the directory cannot open: gives
 * those of root in DIR to the directory's owner.  Does nothing for others.
 */
void datadir_give(const char *dir);

/*
 * The mode of files in DIR: the owner's alone, or the group's as well where
 * the group may write to DIR (a web server's user and one's own).
 */
mode_t datadir_file_mode(const char *dir);

/*
 * Opens PATH, a file in DIR, and makes it if it is missing: with that mode, and
 * for the directory's owner even when root makes it.  FLAGS as for open(2);
 * with O_EXCL it must be missing.  The descriptor, or -1 with errno.
 */
int datadir_open(const char *dir, const char *path, int flags)
    __attribute__((warn_unused_result));

/* The schema number of the store in DIR; -1: there is none to be read. */
int datadir_schema(const char *dir);

/*
 * What is wrong with a schema of NUMBER, in words with what mends it; NULL:
 * it is this program's.
 */
const char *datadir_wrong_schema(int number);

#endif
