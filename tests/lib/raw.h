/*
 * raw: the files of a fixture's store, past the store's own code.
 */
#ifndef TESTS_LIB_RAW_H
#define TESTS_LIB_RAW_H

#include <sqlite3.h>

#include "tests/lib/fixture.h"

/*
 * A connection with FLAGS of sqlite3_open_v2, which leaves the write-ahead log
 * as it is.  The caller closes it.
 */
sqlite3 *raw_open(const struct fixture *f, int flags);

/* The number of rows of TABLE that fit WHERE. */
int raw_rows(const struct fixture *f, const char *table, const char *where);

/* Whether a file of the store holds TEXT. */
int raw_holds(const struct fixture *f, const char *text);

#endif
