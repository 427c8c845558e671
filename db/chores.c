#include "db/chores.h"

#include "db/base/clock.h"
#include "db/buckets.h"
#include "db/goodbyes.h"
#include "db/idempotency.h"
#include "db/notices.h"
#include "db/presence.h"
#include "db/rooms.h"

/* In one write. */
enum {
	REAP_ROWS = 500,
	CLOSE_ROOMS = 4, /* of each 500 people leave */
	TELL_ROOMS = 100,
	PURGE_MESSAGES = 1000,
	FORGET_KEYS = 1000,
	FORGET_GOODBYES = 1000,
	DROP_BUCKETS = 1000
};

static enum db_rc
reap_due(struct db *db, void *arg)
{
	const struct chores *c = arg;

	return presence_due(db, c->patience_ms);
}

static enum db_rc
reap(struct db *db, void *arg)
{
	const struct chores *c = arg;

	return presence_reap(db, c->patience_ms, REAP_ROWS);
}

static enum db_rc
close_due(struct db *db, void *arg)
{
	(void)arg;
	return rooms_due(db);
}

static enum db_rc
close_rooms(struct db *db, void *arg)
{
	(void)arg;
	return rooms_close_expired(db, CLOSE_ROOMS);
}

static enum db_rc
withheld_due(struct db *db, void *arg)
{
	(void)arg;
	return notices_due(db);
}

static enum db_rc
tell_withheld(struct db *db, void *arg)
{
	(void)arg;
	return notices_tell_withheld(db, TELL_ROOMS);
}

static int64_t
purge_before(const struct chores *c)
{
	return clock_wall() - c->settings->room_purge_ms;
}

static enum db_rc
purge_due(struct db *db, void *arg)
{
	return rooms_purge_due(db, purge_before(arg));
}

static enum db_rc
purge(struct db *db, void *arg)
{
	return rooms_purge(db, purge_before(arg), PURGE_MESSAGES);
}

static enum db_rc
keys_due(struct db *db, void *arg)
{
	(void)arg;
	return idempotency_due(db);
}

static enum db_rc
forget_keys(struct db *db, void *arg)
{
	(void)arg;
	return idempotency_prune(db, FORGET_KEYS);
}

static enum db_rc
goodbyes_old(struct db *db, void *arg)
{
	(void)arg;
	return goodbyes_due(db);
}

static enum db_rc
forget_goodbyes(struct db *db, void *arg)
{
	(void)arg;
	return goodbyes_prune(db, FORGET_GOODBYES);
}

static enum db_rc
buckets_full(struct db *db, void *arg)
{
	(void)arg;
	return buckets_due(db);
}

static enum db_rc
drop_buckets(struct db *db, void *arg)
{
	(void)arg;
	return buckets_prune(db, DROP_BUCKETS);
}

/* Most of the time nothing is due, and to see that costs no write. */
static const struct {
	db_fn due, work;
} chores[] = {
	{ reap_due, reap },
	{ close_due, close_rooms },
	{ withheld_due, tell_withheld },
	{ purge_due, purge },
	{ keys_due, forget_keys },
	{ goodbyes_old, forget_goodbyes },
	{ buckets_full, drop_buckets },
};

enum db_rc
chores_do(struct db *db, const struct chores *c)
{
	struct chores copy = *c;
	enum db_rc all = DB_NONE, rc;

	for (size_t i = 0; i < sizeof(chores) / sizeof(chores[0]); i++) {
		rc = db_read(db, chores[i].due, &copy);
		if (rc == DB_OK)
			rc = db_write(db, chores[i].work, &copy);
		if (rc == DB_OK)
			all = DB_OK;
		else if (rc != DB_NONE)
			return rc;
	}
	return all;
}
