#include "api/rates.h"

#include "db/base/must.h"
#include "db/base/settings.h"

enum { US_PER_MS = 1000 };

/* Whose a bucket is. */
enum { BY_ADDRESS = 1, BY_USER = 2, BY_ROOM = 4 };

/* How tokens come back: all in the course of rate_ms, or one in each. */
enum pace { EVENLY, ONE_BY_ONE };

static const struct {
	size_t setting;
	int by;
	enum pace pace;
} kinds[N_BUCKET_KINDS] = {
#define AT(member) offsetof(struct settings, member)
	[BUCKET_ROOMS] = { AT(rate_rooms), BY_ADDRESS, EVENLY },
	[BUCKET_PEOPLE] = { AT(rate_people), BY_ADDRESS, EVENLY },
	/* Full and emptied at once they are still no more in any rate_ms. */
	[BUCKET_TRIES] = { AT(rate_passwords), BY_ADDRESS | BY_ROOM,
	    ONE_BY_ONE },
	[BUCKET_ROOM_TRIES] = { AT(rate_room_passwords), BY_ROOM, EVENLY },
	[BUCKET_NOTIFICATIONS] = { AT(rate_notifications), BY_USER, EVENLY },
	[BUCKET_MESSAGES] = { AT(rate_messages), BY_USER, EVENLY },
	[BUCKET_JOINS] = { AT(rate_joins), BY_USER, EVENLY },
	[BUCKET_ANNOUNCEMENTS] = { AT(rate_announcements), BY_USER, EVENLY },
};

struct bucket
rates_bucket(const struct call *call, enum bucket_kind kind)
{
	const struct settings *s = call->api->settings;
	int64_t most = *(const int64_t *)(const void *)((const char *)s +
	    kinds[kind].setting);
	struct bucket b = {
		.kind = kind, .most = most, .every_us = s->rate_ms * US_PER_MS
	};

	if (kinds[kind].pace == EVENLY && most > 0)
		b.every_us /= most;
	if (kinds[kind].by & BY_USER)
		b.id = call->user.n;
	if (kinds[kind].by & BY_ROOM)
		b.id = call->room.id.n;
	if (kinds[kind].by & BY_ADDRESS && most > 0)
		b.from = address_prefix(call->request->address);
	return b;
}

enum db_rc
rates_take(
    struct db *db, struct call *call, enum bucket_kind kind, enum problem *why)
{
	struct bucket b = rates_bucket(call, kind);

	return buckets_take(db, &b, &call->wait, why);
}

enum db_rc
rates_peek(
    struct db *db, struct call *call, enum bucket_kind kind, enum problem *why)
{
	struct bucket b = rates_bucket(call, kind);

	return buckets_peek(db, &b, &call->wait, why);
}

struct trying {
	struct call *call;
	enum problem *why;
};

static enum db_rc
take_tries(struct db *db, void *arg)
{
	const struct trying *t = arg;
	enum db_rc rc = rates_take(db, t->call, BUCKET_TRIES, t->why);

	return rc == DB_OK ?
	    rates_take(db, t->call, BUCKET_ROOM_TRIES, t->why) :
	    rc;
}

static enum db_rc
give_tries(struct db *db, void *arg)
{
	const struct call *call = arg;
	struct bucket own = rates_bucket(call, BUCKET_TRIES);
	struct bucket all = rates_bucket(call, BUCKET_ROOM_TRIES);
	enum db_rc rc = buckets_give(db, &own);

	return rc == DB_OK ? buckets_give(db, &all) : rc;
}

static int
tries_count(const struct call *call)
{
	const struct settings *s = call->api->settings;

	return s->rate_passwords > 0 || s->rate_room_passwords > 0;
}

enum db_rc
rates_try(struct call *call, enum problem *why)
{
	struct trying t = { call, why };

	return tries_count(call) ? db_write(call->db, take_tries, &t) : DB_OK;
}

enum db_rc
rates_untry(struct call *call)
{
	return tries_count(call) ? db_write(call->db, give_tries, call) : DB_OK;
}
