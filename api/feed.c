#include <stdatomic.h>

#include "api/call.h"
#include "db/base/clock.h"
#include "db/base/settings.h"
#include "db/presence.h"
#include "db/subscription.h"
#include "db/users.h"
#include "db/wire.h"

enum { REAP_EVERY_MS = 1000, REAP_LIMIT = 500 };

struct polling {
	struct call *call;
	struct subscription_request asked;
	struct subscription sub;
	struct entry entry;
	int needs;
	enum problem why;
	struct buf *to;
	int n;
	int64_t last;
};

static enum db_rc
check(struct db *db, void *arg)
{
	struct polling *p = arg;
	const struct settings *s = p->call->api->settings;
	enum db_rc rc;

	rc = subscription_check(db, &p->asked, s->replay_max, &p->sub, &p->why);
	if (rc == DB_OK)
		rc = subscription_needs(
		    db, &p->sub, p->entry.lease_ms, &p->needs);
	return rc;
}

static enum db_rc
enter(struct db *db, void *arg)
{
	struct polling *p = arg;

	return subscription_enter(db, &p->sub, &p->entry, &p->why);
}

static void
add_event(const struct event *e, void *arg)
{
	struct polling *p = arg;

	if (p->n++ < WIRE_POLL_EVENTS) {
		wire_poll_event(p->to, p->sub.log.epoch, e);
		p->last = e->seq;
	}
}

/* The answer's cursor is the snapshot's head, or the last event's. */
static enum db_rc
answer(struct db *db, void *arg)
{
	struct polling *p = arg;
	struct wire_times times = { p->call->api->settings->hb_ms,
		p->call->api->settings->retry_ms };
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	size_t n = subscription_scopes(&p->sub, scopes);
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	if (rc != DB_OK)
		return rc;
	wire_poll_begin(p->to, &p->sub, &times);
	rc = events_of(db, scopes, n, p->sub.cursor, log.head,
	    WIRE_POLL_EVENTS + 1, add_event, p);
	wire_poll_end(p->to, log.epoch,
	    p->n > WIRE_POLL_EVENTS ? p->last : log.head,
	    p->n > WIRE_POLL_EVENTS);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
reap(struct db *db, void *arg)
{
	(void)arg;
	return presence_reap(db, REAP_LIMIT);
}

/*
 * Where no daemon runs somebody must expire presence: whoever polls, at most
 * once a second in a process that lives on.
 */
static enum db_rc
reap_now_and_then(struct db *db)
{
	static _Atomic int64_t last;
	int64_t before = atomic_load(&last), now = clock_lease();
	enum db_rc rc = DB_NONE;

	if (before != 0 && now - before < REAP_EVERY_MS)
		return DB_OK;
	if (atomic_compare_exchange_strong(&last, &before, now))
		rc = presence_due(db);
	if (rc == DB_OK)
		rc = db_write(db, reap, NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

struct reply
feed_poll(struct call *call)
{
	const struct request *r = call->request;
	struct polling p = { .call = call,
		.asked = { .query = call->query,
		    .token = users_bearer(r->authorization, r->parlor_token),
		    .last_event_id = r->last_event_id } };
	struct reply reply;
	enum db_rc rc;

	p.entry = (struct entry){ .transport = TRANSPORT_POLL,
		.lease_ms = call->api->settings->poll_margin_ms };
	rc = reap_now_and_then(call->db);
	if (rc == DB_OK)
		rc = db_read(call->db, check, &p);
	if (rc == DB_OK && p.needs == SUBSCRIPTION_MUST_ENTER)
		rc = db_write(call->db, enter, &p);
	if (rc != DB_OK)
		return reply_db(rc, p.why);
	reply = reply_json(200);
	p.to = &reply.body;
	rc = db_read(call->db, answer, &p);
	return reply_if(rc, reply, PROBLEM_NONE);
}
