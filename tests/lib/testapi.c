#include "tests/lib/testapi.h"

void
testapi_open(struct testapi *a)
{
	tmpdir_make(a->dir);
	a->api.store = tmpdir_new_store(a->dir, STORE_DIRECT);
	settings_default(&a->settings);
	a->api.settings = &a->settings;
}

void
testapi_close(struct testapi *a)
{
	store_close(a->api.store);
	tmpdir_remove(a->dir);
}
