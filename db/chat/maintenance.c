#include "db/chat/maintenance.h"

#include "db/chat/room_end.h"
#include "db/chat/rate_limit.h"
#include "db/chat/expiry.h"
#include "db/rows/disconnects.h"
#include "db/rows/events.h"
#include "db/chat/repeats.h"
#include "db/chat/notices.h"
#include "db/rows/steady.h"
#include "db/engine/storage.h"

/* In one write. */
enum {
	REAP_ROWS = 500,
	CLOSE_ROOMS = 4, /* of each 500 people leave */
	TELL_ROOMS = 100,
	PURGE_MESSAGES = 1000,
	FORGET_KEYS = 1000,
	FORGET_DISCONNECTS = 1000,
	DROP_RATE_LIMITS = 1000,
	PRUNE_EVENTS = 1000
};

enum { SLACK = 8 }; /* the part by which a log is long */

static enum db_rc
reap_due(struct db *db, void *arg)
{
	const struct maintenance *c = arg;

	return expiry_due(db, c->patience_ms);
}

static enum db_rc
reap(struct db *db, void *arg)
{
	const struct maintenance *c = arg;

	return expiry_reap(db, c->patience_ms, REAP_ROWS);
}

static int64_t
purge_before(struct db *db, const struct maintenance *c)
{
	return steady_now(db) - c->settings->room_purge_ms;
}

static enum db_rc
purge_due(struct db *db, void *arg)
{
	return room_end_purge_due(db, purge_before(db, arg));
}

static enum db_rc
purge(struct db *db, void *arg)
{
	return room_end_purge(db, purge_before(db, arg), PURGE_MESSAGES);
}

/* Most of the time nothing is due, and DUE finds that without a write. */
static const struct {
	db_fn due, work;
	int frees; /* space */
} chores[] = {
	{ reap_due, reap, 0 },
	{ purge_due, purge, 1 },
};

/* Chores whose only argument is how much to do in one write. */
static const struct plain {
	enum db_rc (*due)(struct db *);
	enum db_rc (*work)(struct db *, int limit);
	int limit;
	int frees;
} plain_chores[] = {
	{ room_end_due, room_end_close_expired, CLOSE_ROOMS, 0 },
	{ notices_due, notices_flush, TELL_ROOMS, 0 },
	{ repeats_due, repeats_prune, FORGET_KEYS, 1 },
	{ disconnects_due, disconnects_prune, FORGET_DISCONNECTS, 1 },
	{ rate_limit_due, rate_limit_prune, DROP_RATE_LIMITS, 1 },
};

static enum db_rc
plain_due(struct db *db, void *arg)
{
	const struct plain *p = arg;

	return p->due(db);
}

static enum db_rc
plain_work(struct db *db, void *arg)
{
	const struct plain *p = arg;

	return p->work(db, p->limit);
}

/*
 * DB_OK: there was something to do, and it is done.  On a full disk only what
 * frees space is done; the rest is put off.
 */
static enum db_rc
do_one(struct db *db, db_fn due, db_fn work, void *arg, int frees)
{
	enum db_rc rc;

	if (!frees && store_storage(db_store(db)) == STORAGE_FULL)
		return DB_NONE;
	rc = db_read(db, due, arg);
	if (rc == DB_OK)
		rc = (frees ? db_chore_freeing : db_chore)(db, work, arg);
	return rc == DB_FULL ? DB_NONE : rc;
}

/* ALL combined with RC, the outcome of another chore: DB_OK if any was done. */
static enum db_rc
added(enum db_rc all, enum db_rc rc)
{
	return rc == DB_NONE ? all : rc;
}

enum db_rc
maintenance_run(struct db *db, const struct maintenance *c)
{
	struct maintenance copy = *c;
	enum db_rc all = DB_NONE;

	for (size_t i = 0; i < sizeof(chores) / sizeof(chores[0]) &&
	     (all == DB_OK || all == DB_NONE);
	     i++)
		all = added(all,
		    do_one(db, chores[i].due, chores[i].work, &copy,
			chores[i].frees));
	for (size_t i = 0; i < sizeof(plain_chores) / sizeof(plain_chores[0]) &&
	     (all == DB_OK || all == DB_NONE);
	     i++) {
		struct plain plain = plain_chores[i];

		all = added(all,
		    do_one(db, plain_due, plain_work, &plain, plain.frees));
	}
	return all;
}

static enum db_rc
prune(struct db *db, void *arg)
{
	const struct settings *s = arg;

	return events_prune(db, steady_now(db) - s->events_keep_ms,
	    s->events_keep, PRUNE_EVENTS);
}

enum db_rc
maintenance_prune_log(struct db *db, const struct settings *s)
{
	struct settings copy = *s;

	return db_chore_freeing(db, prune, &copy);
}

static enum db_rc
is_long(struct db *db, void *arg)
{
	const struct settings *s = arg;
	int64_t age = s->events_keep_ms + s->events_keep_ms / SLACK;

	return events_prune_due(
	    db, steady_now(db) - age, s->events_keep + s->events_keep / SLACK);
}

enum db_rc
maintenance_log_is_long(struct db *db, const struct settings *s)
{
	struct settings copy = *s;

	return db_read(db, is_long, &copy);
}
