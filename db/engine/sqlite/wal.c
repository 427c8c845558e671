#include "db/engine/sqlite/wal.h"

#include "db/base/clock.h"
#include "db/base/failpoint.h"
#include "db/base/must.h"
#include "db/engine/sqlite/connection.h"

enum { SCRUB_WAIT_MS = 20, SCRUB_EVERY_MS = 500 };

enum db_rc
wal_run(struct db *db, struct wal *wal)
{
	enum db_rc rc = DB_OK;
	int in_wal, done;

	must(wal->lock->held);
	failpoint("before_checkpoint");
	if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
		SQLITE_CHECKPOINT_PASSIVE, &in_wal, &done) != SQLITE_OK)
		rc = connection_failed(db, "checkpoint");
	if (rc == DB_OK)
		db->wal_pages = in_wal - done;
	atomic_fetch_add(&wal->checkpoints, 1);
	failpoint("after_checkpoint");
	return rc;
}

enum db_rc
wal_truncate(struct db *db, struct wal *wal, int64_t wait_ms)
{
	enum db_rc rc = DB_OK;

	must(wal->lock->held);
	failpoint("before_truncate");
	connection_bound(db, clock_waits() + wait_ms);
	if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
		SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		rc = connection_failed(db, "checkpoint");
	connection_unbound(db);
	if (rc == DB_OK) {
		db->erased = 0;
		db->scrub = 0;
		db->wal_pages = 0;
		atomic_fetch_add(&wal->checkpoints, 1);
	}
	failpoint("after_truncate");
	return rc;
}

enum db_rc
wal_scrub(struct db *db, struct wal *wal)
{
	enum db_rc rc;

	if (!db->erased || clock_lease() < db->scrub)
		return DB_OK;
	rc = wal_truncate(db, wal, SCRUB_WAIT_MS);
	if (rc != DB_OK)
		db->scrub = clock_lease() + SCRUB_EVERY_MS;
	return rc == DB_BUSY ? DB_OK : rc;
}
