#include "api/request_maintenance.h"

#include <stdatomic.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/chat/maintenance.h"
#include "db/rows/events.h"
#include "db/rows/leases.h"
#include "db/rows/steady.h"

enum {
	EVERY_MS = 1000,
	BEAT_WITHIN_MS = 1000, /* less than any lease worth having */
	PRUNE_LIMIT = 2000,
	SLACK = 8 /* the log may be longer by this part: no write an event */
};

static enum db_rc
prune(struct db *db, void *arg)
{
	const struct settings *s = arg;

	return events_prune(db, steady_now(db) - s->events_keep_ms,
	    s->events_keep, PRUNE_LIMIT);
}

static enum db_rc
must_prune(struct db *db, void *arg)
{
	const struct settings *s = arg;
	int64_t age = s->events_keep_ms + s->events_keep_ms / SLACK;

	return events_prune_due(
	    db, steady_now(db) - age, s->events_keep + s->events_keep / SLACK);
}

static enum db_rc
tend(struct db *db, struct settings *s)
{
	struct maintenance chores = { .settings = s,
		.patience_ms = s->lease_ms };
	enum db_rc rc =
	    leases_note(db, SERVICE_REQUESTS, s->poll_margin_ms / 2);

	if (rc == DB_OK)
		rc = maintenance_run(db, &chores);
	if (rc == DB_OK || rc == DB_NONE)
		rc = db_read(db, must_prune, s);
	return rc == DB_OK ? db_write_freeing(db, prune, s) : rc;
}

void
request_maintenance(struct db *db, const struct settings *settings)
{
	static _Atomic int64_t last;
	int64_t before = atomic_load(&last), now = clock_lease();
	struct settings copy = *settings;
	enum db_rc rc;

	if (before != 0 && now - before < EVERY_MS)
		return;
	if (!atomic_compare_exchange_strong(&last, &before, now))
		return;
	db_freeing(db, 0);
	db_hurry(db, 1);
	rc = tend(db, &copy);
	db_hurry(db, 0);
	if (rc == DB_FAIL)
		log_warn("upkeep is put off", "why=\"the store failed\"");
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
		log_warn("leases could not be moved", "service=api");
}
