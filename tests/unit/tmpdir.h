/*
 * tmpdir: a directory of a test's own, gone with all it holds afterwards, and
 * a store in it.
 */
#ifndef TESTS_UNIT_TMPDIR_H
#define TESTS_UNIT_TMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/engine/db.h"
#include "db/engine/sqlite/migrate.h"

enum { TMPDIR_SIZE = 64, TMPDIR_WAL_PAGES = 4000 };

static inline void
tmpdir_make(char dir[TMPDIR_SIZE])
{
	(void)snprintf(dir, TMPDIR_SIZE, "/tmp/parlor-unit-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

/* The store that is in DIR. */
static inline struct store *
tmpdir_open(const char *dir, enum store_mode mode)
{
	struct store_options o = {
		.dir = dir, .mode = mode, .wal_pages = TMPDIR_WAL_PAGES
	};
	struct store *store;

	assert_int_equal(store_open(&o, &store), DB_OK);
	return store;
}

/* A new one. */
static inline struct store *
tmpdir_store(const char *dir, enum store_mode mode)
{
	assert_int_equal(migrate_run(dir), DB_OK);
	return tmpdir_open(dir, mode);
}

static inline int
tmpdir_unlink(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
tmpdir_remove(const char *dir)
{
	(void)nftw(dir, tmpdir_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
