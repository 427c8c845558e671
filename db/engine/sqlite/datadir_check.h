/*
 * datadir_check: whether the calling user can use a data directory.
 *
 * The check runs before anything is opened, so that each program reports the
 * real cause: SQLite only says that it cannot open a file.  A file system that
 * is mounted read-only is no finding here; the store says so itself.
 */
#ifndef DB_ENGINE_SQLITE_DATADIR_CHECK_H
#define DB_ENGINE_SQLITE_DATADIR_CHECK_H

#include "db/base/findings.h"
#include "db/engine/db.h"

/* Adds each reason why the store in DIR cannot be used; gives their number. */
int datadir_check_find(const char *dir, struct findings *);

/*
 * The same, logged: DB_FAIL if there is a reason.  datadir_check_to_make does
 * not report a missing store, because it is to be made.
 */
enum db_rc datadir_check(const char *dir) DB_CHECK;
enum db_rc datadir_check_to_make(const char *dir) DB_CHECK;

/* The same for the directory alone, whatever is in it. */
enum db_rc datadir_check_directory(const char *dir) DB_CHECK;

#endif
