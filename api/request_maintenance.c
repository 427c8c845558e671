#include "api/request_maintenance.h"

#include <stdatomic.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/chat/maintenance.h"
#include "db/chat/leases.h"

enum {
	EVERY_MS = 1000,
	BEAT_WITHIN_MS = 1000 /* shorter than any sensible lease */
};

static enum db_rc
tend(struct db *db, const struct settings *s)
{
	struct maintenance chores = { .settings = s,
		.patience_ms = s->lease_ms };
	enum db_rc rc =
	    leases_note(db, SERVICE_REQUESTS, s->poll_margin_ms / 2);

	if (rc == DB_OK)
		rc = maintenance_run(db, &chores);
	if (rc == DB_OK || rc == DB_NONE)
		rc = maintenance_log_is_long(db, s);
	return rc == DB_OK ? maintenance_prune_log(db, s) : rc;
}

void
request_maintenance(struct db *db, const struct settings *settings)
{
	static _Atomic int64_t last;
	int64_t before = atomic_load(&last), now = clock_lease();
	enum db_rc rc;

	if (before != 0 && now - before < EVERY_MS)
		return;
	if (!atomic_compare_exchange_strong(&last, &before, now))
		return;
	db_freeing(db, 0);
	db_hurry(db, 1);
	rc = tend(db, settings);
	db_hurry(db, 0);
	if (rc == DB_FAIL)
		log_warn(
		    "maintenance is postponed", "why=\"the store failed\"");
}

void
request_maintenance_beat(struct db *db)
{
	static int64_t last;
	int64_t now = clock_lease();

	if (db == NULL ||
	    (last != 0 && now - last < REQUEST_MAINTENANCE_BEAT_MS))
		return;
	last = now;
	if (leases_note(db, SERVICE_API, BEAT_WITHIN_MS) != DB_OK)
		log_warn("leases could not be extended", "service=api");
}
