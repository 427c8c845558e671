#include "db/rows/steady.h"

#include "db/base/clock.h"
#include "db/rows/sql.h"
#include "db/rows/meta.h"

enum { NEWEST, N_SQL };

static const char *const sql[N_SQL] = {
	[NEWEST] = "SELECT max("
		   "coalesce((SELECT made FROM event"
		   " WHERE seq = (SELECT max(seq) FROM event)), 0),"
		   "coalesce((SELECT sent FROM message"
		   " WHERE event = (SELECT max(event) FROM message)), 0))",
};
const struct sql steady_sql = { SQL_STEADY, sql, N_SQL };

int64_t
steady_now(struct db *db)
{
	/* It stays for as long as the machine runs, so each connection asks
	 * once.  If the store cannot be read, the request fails elsewhere. */
	if (*db_kept(db, KEPT_ANCHOR) == 0 &&
	    meta_anchor(db, db_kept(db, KEPT_ANCHOR)) != DB_OK)
		return clock_wall();
	return db_lease_now(db) + *db_kept(db, KEPT_ANCHOR);
}

int64_t
steady_to_wall(struct db *db, int64_t steady)
{
	return clock_wall() + (steady - steady_now(db));
}

enum db_rc
steady_new_boot(struct db *db)
{
	int64_t newest = 0, now = clock_wall();
	enum db_rc rc = stmt_one(db, &steady_sql, NEWEST, NO_ARGS, &newest);

	/* The machine may have come up with a clock of long ago. */
	if (now <= newest)
		now = newest + 1;
	*db_kept(db, KEPT_ANCHOR) = now - db_lease_now(db);
	return rc == DB_OK || rc == DB_NONE ?
	    meta_set_anchor(db, *db_kept(db, KEPT_ANCHOR)) :
	    rc;
}
