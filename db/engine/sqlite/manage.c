#include "db/engine/manage.h"

#include "db/engine/migrations.h"
#include "db/engine/sqlite/backup.h"
#include "db/engine/sqlite/check.h"
#include "db/engine/sqlite/check_storage.h"
#include "db/engine/sqlite/migrate.h"
#include "db/engine/sqlite/restore.h"
#include "db/engine/sqlite/version.h"

enum db_rc
manage_migrate(const struct store_options *o, int *before)
{
	*before = version_of(o->dir);
	return migrate_run(o->dir, o->schema);
}

int
manage_is_current(const struct store_options *o)
{
	return version_of(o->dir) == store_schema;
}

int
manage_check(const struct store_options *o, findings_fn fn, void *arg)
{
	return check_run(o->dir, o->schema, fn, arg) +
	    check_storage(o->dir, o->storage_max, fn, arg);
}

int
manage_schema(const struct store_options *o)
{
	return version_of(o->dir);
}

enum db_rc
manage_backup(const struct store_options *o, const char *to, int64_t *bytes)
{
	return backup_make(o->dir, to, bytes);
}

enum db_rc
manage_backup_to(const struct store_options *o, int fd, int64_t *bytes)
{
	return backup_copy(o->dir, fd, bytes);
}

enum db_rc
manage_restore(
    const struct store_options *o, const char *from, struct buf *kept)
{
	return restore_run(o->dir, o->schema, from, kept);
}
