#include "db/engine/manage.h"

#include "db/engine/sqlite/check.h"
#include "db/engine/sqlite/check_storage.h"
#include "db/engine/sqlite/migrate.h"
#include "db/engine/sqlite/version.h"

enum db_rc
manage_migrate(const struct store_options *o, int *before)
{
	*before = version_of(o->dir);
	return migrate_run(o->dir, o->schema);
}

int
manage_check(const struct store_options *o, findings_fn fn, void *arg)
{
	return check_run(o->dir, o->schema, fn, arg) +
	    check_storage(o->dir, o->storage_max, fn, arg);
}
