#include "tests/lib/tmpdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/chat/schema.h"
#include "db/engine/sqlite/migrate.h"

enum { WAL_PAGES = 4000 };

void
tmpdir_make(char dir[TMPDIR_SIZE])
{
	(void)snprintf(dir, TMPDIR_SIZE, "/tmp/parlor-unit-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

struct store *
tmpdir_open_store(const char *dir, enum store_mode mode)
{
	struct store_options o = { .schema = &schema_chat,
		.dir = dir,
		.mode = mode,
		.wal_pages = WAL_PAGES };
	struct store *store;

	assert_int_equal(store_open(&o, &store), DB_OK);
	return store;
}

struct store *
tmpdir_new_store(const char *dir, enum store_mode mode)
{
	assert_int_equal(migrate_run(dir, &schema_chat), DB_OK);
	return tmpdir_open_store(dir, mode);
}

static int delete (
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
tmpdir_remove(const char *dir)
{
	(void)nftw(dir, delete, 16, FTW_DEPTH | FTW_PHYS);
}
