/*
 * result: maps results of SQLite and the system to `enum db_rc`.
 *
 * All results that mean a state of the storage (db/engine/storage.h) are
 * mapped here.
 */
#ifndef DB_ENGINE_SQLITE_RESULT_H
#define DB_ENGINE_SQLITE_RESULT_H

#include "db/engine/db.h"

/*
 * Translates SQLite's extended result CODE, with the errno that came with it.
 */
enum db_rc result_of(int code, int error) DB_CHECK;

/* Translates an errno; OTHERWISE if it says nothing about the storage. */
enum db_rc result_of_errno(int error, enum db_rc otherwise) DB_CHECK;

#endif
