/*
 * apidir: the API on a store of a test's own, with default settings.
 */
#ifndef TESTS_UNIT_APIDIR_H
#define TESTS_UNIT_APIDIR_H

#include "api/api.h"
#include "tests/unit/tmpdir.h"

struct apidir {
	char dir[TMPDIR_SIZE];
	struct settings settings;
	struct api api;
};

static inline void
apidir_open(struct apidir *a)
{
	tmpdir_make(a->dir);
	a->api.store = tmpdir_store(a->dir, STORE_DIRECT);
	settings_default(&a->settings);
	a->api.settings = &a->settings;
}

static inline void
apidir_close(struct apidir *a)
{
	store_close(a->api.store);
	tmpdir_remove(a->dir);
}

#endif
