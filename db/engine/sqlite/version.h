/*
 * version: the schema number of a database, and the remedy if this program
 * needs another.
 */
#ifndef DB_ENGINE_SQLITE_VERSION_H
#define DB_ENGINE_SQLITE_VERSION_H

/* The schema number of the store in DIR; -1: it cannot be read. */
int version_of(const char *dir);

/*
 * A text that says why schema NUMBER is wrong, with the remedy; NULL: it is
 * this program's.
 */
const char *version_wrong(int number);

#endif
