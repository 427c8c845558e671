#include "db/chat/boot.h"

#include "db/base/buf.h"
#include "db/chat/leases.h"
#include "db/rows/disconnects.h"
#include "db/rows/listeners.h"
#include "db/rows/meta.h"
#include "db/rows/nodes.h"
#include "db/rows/presence.h"
#include "db/rows/steady.h"
#include "db/rows/unread_watchers.h"

enum db_rc
boot_check(struct db *db)
{
	struct buf id = BUF_INIT;
	enum db_rc rc;

	db_add_lease_run(db, &id);
	rc = meta_boot_known(db, buf_str(&id));
	buf_done(&id);
	return rc;
}

/* No daemon from before the restart is left, and nobody listens. */
static enum db_rc
forget(struct db *db)
{
	enum db_rc rc = nodes_drop_all(db);

	if (rc == DB_OK)
		rc = listeners_drop_all(db);
	if (rc == DB_OK)
		rc = unread_watchers_drop_all(db);
	return rc == DB_OK ? disconnects_drop_all(db) : rc;
}

enum db_rc
boot_meet(struct db *db)
{
	struct buf id = BUF_INIT;
	enum db_rc rc = boot_check(db);

	/* Another process may have been first. */
	if (rc != DB_NONE)
		return rc;
	rc = presence_restart(db, db_lease_now(db));
	if (rc == DB_OK)
		rc = forget(db);
	if (rc == DB_OK)
		rc = steady_new_boot(db);
	if (rc == DB_OK)
		rc = leases_new_boot(db);
	db_add_lease_run(db, &id);
	if (rc == DB_OK)
		rc = meta_set_boot(db, buf_str(&id));
	buf_done(&id);
	return rc;
}
