/*
 * programs: the processes that have a database open.
 *
 * Every connection holds a shared lock on the database file while it uses the
 * write-ahead log (sqlite.org/fileformat2.html, "The Lock-Byte Page").
 */
#ifndef DB_ENGINE_SQLITE_PROGRAMS_H
#define DB_ENGINE_SQLITE_PROGRAMS_H

#include "db/base/findings.h"

/*
 * Adds a finding if a process has the database at PATH open.  The calling
 * process must have no connection to it, because this releases its locks.
 */
int programs_find(const char *path, struct findings *);

#endif
