#include "db/engine/sqlite/wal.h"

#include "db/base/clock.h"
#include "db/base/failpoint.h"
#include "db/base/must.h"
#include "db/engine/sqlite/store.h"

enum { SCRUB_WAIT_MS = 50, SCRUB_EVERY_MS = 500 };

enum db_rc
wal_run(struct db *db, const struct lock *lock)
{
	enum db_rc rc = DB_OK;
	int in_wal, done;

	must(lock->held);
	failpoint("before_checkpoint");
	if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
		SQLITE_CHECKPOINT_PASSIVE, &in_wal, &done) != SQLITE_OK)
		rc = db_fail(db, "checkpoint");
	if (rc == DB_OK)
		db->wal_pages = in_wal - done;
	store_checkpointed(db->store);
	failpoint("after_checkpoint");
	return rc;
}

enum db_rc
wal_truncate(struct db *db, const struct lock *lock, int64_t wait_ms)
{
	enum db_rc rc = DB_OK;

	must(lock->held);
	failpoint("before_truncate");
	db_bound(db, clock_waits() + wait_ms);
	if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
		SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		rc = db_fail(db, "checkpoint");
	db_unbound(db);
	if (rc == DB_OK) {
		db->erased = 0;
		db->scrub = 0;
		db->wal_pages = 0;
		store_checkpointed(db->store);
	}
	failpoint("after_truncate");
	return rc;
}

enum db_rc
wal_scrub(struct db *db, const struct lock *lock)
{
	enum db_rc rc;

	if (!db->erased || clock_lease() < db->scrub)
		return DB_OK;
	rc = wal_truncate(db, lock, SCRUB_WAIT_MS);
	if (rc != DB_OK)
		db->scrub = clock_lease() + SCRUB_EVERY_MS;
	return rc == DB_BUSY ? DB_OK : rc;
}
