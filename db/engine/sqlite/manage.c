#include "db/engine/manage.h"

#include <sys/stat.h>

#include "db/base/buf.h"
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
	    check_storage(o, fn, arg);
}

static int64_t
size_of(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;
	struct stat st;
	int64_t size = 0;

	buf_addf(&path, "%s/%s", dir, name);
	if (stat(buf_str(&path), &st) == 0)
		size = (int64_t)st.st_size;
	buf_done(&path);
	return size;
}

void
manage_size(const struct store_options *o, struct manage_sizes *sizes)
{
	sizes->database = size_of(o->dir, "parlor.db");
	sizes->log = size_of(o->dir, "parlor.db-wal");
}

int
manage_schema(const struct store_options *o)
{
	return version_of(o->dir);
}

enum db_rc
manage_backup(
    const struct store_options *o, const char *to, struct manage_copy *copy)
{
	return backup_make(o->dir, to, copy);
}

enum db_rc
manage_backup_to(
    const struct store_options *o, int fd, struct manage_copy *copy)
{
	return backup_copy(o->dir, fd, copy);
}

enum db_rc
manage_restore(
    const struct store_options *o, const char *from, struct buf *kept)
{
	return restore_run(o->dir, o->schema, from, kept);
}
