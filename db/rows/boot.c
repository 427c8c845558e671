#include "db/rows/boot.h"

#include "db/base/clock.h"
#include "db/rows/leases.h"
#include "db/rows/steady.h"
#include "db/rows/sql.h"

enum {
	BOOT,
	SET_BOOT,
	GRACE_ALL,
	FORGET_NODES,
	FORGET_LISTENERS,
	FORGET_AWAITING,
	FORGET_GOODBYES,
	N_SQL
};
static const char *const sql[N_SQL] = {
	[BOOT] = "SELECT 1 FROM meta WHERE one = 1 AND boot = ?",
	[SET_BOOT] = "UPDATE meta SET boot = ? WHERE one = 1",
	[GRACE_ALL] =
	    "UPDATE presence SET node = NULL, expires = ?"
	    " + (SELECT grace FROM room WHERE room.id = presence.room)",
	[FORGET_NODES] = "DELETE FROM node",
	[FORGET_LISTENERS] = "DELETE FROM listener",
	[FORGET_AWAITING] = "DELETE FROM unread_watcher",
	[FORGET_GOODBYES] = "DELETE FROM disconnect",
};
const struct sql boot_sql = { SQL_BOOT, sql, N_SQL };

enum db_rc
boot_check(struct db *db)
{
	struct buf id = BUF_INIT;
	enum db_rc rc;
	int64_t same;

	clock_add_boot_id(&id);
	rc = stmt_one(db, &boot_sql, BOOT, ARGS(BUF(&id)), &same);
	buf_done(&id);
	return rc;
}

static enum db_rc
forget(struct db *db)
{
	enum db_rc rc = DB_OK;

	for (int n = FORGET_NODES; rc == DB_OK && n <= FORGET_GOODBYES; n++)
		rc = stmt_run(db, &boot_sql, n, NO_ARGS);
	return rc;
}

enum db_rc
boot_meet(struct db *db)
{
	struct buf id = BUF_INIT;
	enum db_rc rc = boot_check(db);

	/* Another process may have been first. */
	if (rc != DB_NONE)
		return rc;
	clock_add_boot_id(&id);
	rc = stmt_run(db, &boot_sql, GRACE_ALL, ARGS(INT(clock_lease())));
	if (rc == DB_OK)
		rc = forget(db);
	if (rc == DB_OK)
		rc = steady_new_boot(db);
	if (rc == DB_OK)
		rc = leases_new_boot(db);
	if (rc == DB_OK)
		rc = stmt_run(db, &boot_sql, SET_BOOT, ARGS(BUF(&id)));
	buf_done(&id);
	return rc;
}
