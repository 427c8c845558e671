#include "api/upkeep.h"

#include <stdatomic.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/events.h"
#include "db/idempotency.h"
#include "db/presence.h"
#include "db/rooms.h"

enum {
	EVERY_MS = 1000,
	REAP_LIMIT = 500,
	PRUNE_LIMIT = 2000,
	CLOSE_LIMIT = 20, /* rooms */
	SLACK = 8 /* the log may be longer by this part: no write an event */
};

static enum db_rc
reap(struct db *db, void *arg)
{
	const struct settings *s = arg;

	return presence_reap(db, s->lease_ms, REAP_LIMIT);
}

static enum db_rc
prune(struct db *db, void *arg)
{
	const struct settings *s = arg;

	return events_prune(
	    db, clock_wall() - s->events_keep_ms, s->events_keep, PRUNE_LIMIT);
}

static enum db_rc
must_prune(struct db *db, void *arg)
{
	const struct settings *s = arg;
	int64_t age = s->events_keep_ms + s->events_keep_ms / SLACK;

	return events_prune_due(
	    db, clock_wall() - age, s->events_keep + s->events_keep / SLACK);
}

static enum db_rc
close_rooms(struct db *db, void *arg)
{
	(void)arg;
	return rooms_close_expired(db, CLOSE_LIMIT);
}

static enum db_rc
purge(struct db *db, void *arg)
{
	const struct settings *s = arg;

	return rooms_purge(db, clock_wall() - s->room_purge_ms, PRUNE_LIMIT);
}

static enum db_rc
forget_keys(struct db *db, void *arg)
{
	(void)arg;
	return idempotency_prune(db, PRUNE_LIMIT);
}

static void
tend(struct db *db, enum db_rc due, db_fn fn, void *arg)
{
	if (due == DB_OK && db_write(db, fn, arg) == DB_FAIL)
		log_warn("upkeep is put off", "why=\"the store failed\"");
}

void
upkeep(struct db *db, const struct settings *settings)
{
	static _Atomic int64_t last;
	int64_t before = atomic_load(&last), now = clock_lease();
	struct settings copy = *settings;

	if (before != 0 && now - before < EVERY_MS)
		return;
	if (!atomic_compare_exchange_strong(&last, &before, now))
		return;
	tend(db, presence_due(db, copy.lease_ms), reap, &copy);
	tend(db, rooms_due(db), close_rooms, &copy);
	tend(db, db_read(db, must_prune, &copy), prune, &copy);
	tend(db, rooms_purge_due(db, clock_wall() - copy.room_purge_ms), purge,
	    &copy);
	tend(db, idempotency_due(db), forget_keys, &copy);
}
