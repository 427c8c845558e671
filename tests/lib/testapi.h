/*
 * testapi: the API on a store of its own, in a directory of its own, with the
 * default settings.
 */
#ifndef TESTS_LIB_TESTAPI_H
#define TESTS_LIB_TESTAPI_H

#include "api/api.h"
#include "tests/lib/tmpdir.h"

struct testapi {
	char dir[TMPDIR_SIZE];
	struct settings settings; /* may be changed after testapi_open() */
	struct api api;
};

/* A is zeroed by the caller. */
void testapi_open(struct testapi *a);
void testapi_close(struct testapi *a);

#endif
