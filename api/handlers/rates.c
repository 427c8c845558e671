#include "api/handlers/rates.h"

#include "db/base/must.h"
#include "db/base/settings.h"

enum { US_PER_MS = 1000 };

/* The callers that share a bucket. */
enum { BY_ADDRESS = 1, BY_USER = 2, BY_ROOM = 4 };

/* How tokens come back: all within one rate_ms, or one token per rate_ms. */
enum pace { EVENLY, ONE_BY_ONE };

static const struct {
	size_t setting;
	int by;
	enum pace pace;
} kinds[N_RATE_LIMIT_KINDS] = {
#define AT(member) offsetof(struct settings, member)
	[RATE_LIMIT_ROOMS] = { AT(rate_rooms), BY_ADDRESS, EVENLY },
	[RATE_LIMIT_PEOPLE] = { AT(rate_people), BY_ADDRESS, EVENLY },
	/*
	 * Keeps to the limit per rate_ms even after a full bucket is emptied at
	 * once.
	 */
	[RATE_LIMIT_TRIES] = { AT(rate_passwords), BY_ADDRESS | BY_ROOM,
	    ONE_BY_ONE },
	[RATE_LIMIT_ROOM_TRIES] = { AT(rate_room_passwords), BY_ROOM, EVENLY },
	[RATE_LIMIT_NOTIFICATIONS] = { AT(rate_notifications), BY_USER,
	    EVENLY },
	[RATE_LIMIT_MESSAGES] = { AT(rate_messages), BY_USER, EVENLY },
	[RATE_LIMIT_STRANGERS] = { AT(rate_strangers), BY_ADDRESS, EVENLY },
	[RATE_LIMIT_JOINS] = { AT(rate_joins), BY_USER, EVENLY },
	[RATE_LIMIT_ANNOUNCEMENTS] = { AT(rate_announcements), BY_USER,
	    EVENLY },
};

struct rate_limit
rates_limit(const struct call *call, enum rate_limit_kind kind)
{
	const struct settings *s = call->settings;
	int64_t most = *(const int64_t *)(const void *)((const char *)s +
	    kinds[kind].setting);
	struct rate_limit b = {
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
rates_take(struct db *db, struct call *call, enum rate_limit_kind kind,
    enum problem *why)
{
	struct rate_limit b = rates_limit(call, kind);

	return rate_limit_take(db, &b, &call->wait, why);
}

enum db_rc
rates_peek(struct db *db, struct call *call, enum rate_limit_kind kind,
    enum problem *why)
{
	struct rate_limit b = rates_limit(call, kind);

	return rate_limit_peek(db, &b, &call->wait, why);
}

struct trying {
	struct call *call;
	enum problem *why;
};

static enum db_rc
take_tries(struct db *db, void *arg)
{
	const struct trying *t = arg;
	enum db_rc rc = rates_take(db, t->call, RATE_LIMIT_TRIES, t->why);

	return rc == DB_OK ?
	    rates_take(db, t->call, RATE_LIMIT_ROOM_TRIES, t->why) :
	    rc;
}

static enum db_rc
give_tries(struct db *db, void *arg)
{
	const struct call *call = arg;
	struct rate_limit own = rates_limit(call, RATE_LIMIT_TRIES);
	struct rate_limit all = rates_limit(call, RATE_LIMIT_ROOM_TRIES);
	enum db_rc rc = rate_limit_give(db, &own);

	return rc == DB_OK ? rate_limit_give(db, &all) : rc;
}

static int
tries_count(const struct call *call)
{
	const struct settings *s = call->settings;

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
