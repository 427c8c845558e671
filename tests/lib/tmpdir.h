/*
 * tmpdir: a directory for one test, and a store in it.  What fails fails the
 * test.
 */
#ifndef TESTS_LIB_TMPDIR_H
#define TESTS_LIB_TMPDIR_H

#include "db/engine/db.h"

enum { TMPDIR_SIZE = 64 };

/* Makes a new directory and writes its path to DIR. */
void tmpdir_make(char dir[TMPDIR_SIZE]);

/* Makes a store in DIR and opens it. */
struct store *tmpdir_new_store(const char *dir, enum store_mode mode);

/* Opens the store that is in DIR. */
struct store *tmpdir_open_store(const char *dir, enum store_mode mode);

/* Removes DIR and everything in it. */
void tmpdir_remove(const char *dir);

#endif
