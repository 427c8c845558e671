#include "api/call.h"
#include "db/base/settings.h"
#include "db/presence.h"
#include "db/subscription.h"
#include "db/users.h"
#include "db/wire.h"

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

static const char *const types[] = {
	[DELIVERY_SSE] = "text/event-stream",
	[DELIVERY_NDJSON] = "application/x-ndjson",
	[DELIVERY_POLL] = "application/json",
};

static void (*const add[])(
    struct buf *, const char *epoch, const struct event *) = {
	[DELIVERY_SSE] = wire_add_sse,
	[DELIVERY_NDJSON] = wire_add_ndjson,
	[DELIVERY_POLL] = wire_poll_event,
};

static void
add_event(const struct event *e, void *arg)
{
	struct polling *p = arg;

	if (p->n++ < WIRE_POLL_EVENTS) {
		add[p->sub.delivery](p->to, p->sub.log.epoch, e);
		p->last = e->seq;
	}
}

static void
begin(struct polling *p, const struct wire_times *times)
{
	if (p->sub.delivery == DELIVERY_POLL)
		wire_poll_begin(p->to, &p->sub, times);
	else
		wire_add_opening(p->to, &p->sub, times);
}

/*
 * The answer's cursor is the snapshot's head, or the last event's.  A stream
 * ends here as well: no process is kept for it.
 */
static void
end(struct polling *p, const struct log_state *log, int64_t retry_ms)
{
	int more = p->n > WIRE_POLL_EVENTS;

	if (p->sub.delivery == DELIVERY_POLL) {
		wire_poll_end(
		    p->to, log->epoch, more ? p->last : log->head, more);
		return;
	}
	if (p->sub.delivery == DELIVERY_SSE)
		wire_add_position(
		    p->to, log->epoch, more ? p->last : log->head);
	wire_add_bye(p->to, p->sub.delivery, "poll", more ? 0 : retry_ms);
}

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
	begin(p, &times);
	rc = events_of(db, scopes, n, p->sub.cursor, log.head,
	    WIRE_POLL_EVENTS + 1, add_event, p);
	end(p, &log, times.retry_ms);
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
	rc = db_read(call->db, check, &p);
	if (rc == DB_OK && p.needs == SUBSCRIPTION_MUST_ENTER)
		rc = db_write(call->db, enter, &p);
	if (rc != DB_OK)
		return reply_db(rc, p.why);
	reply = reply_json(200);
	reply.type = types[p.sub.delivery];
	p.to = &reply.body;
	rc = db_read(call->db, answer, &p);
	return reply_if(rc, reply, PROBLEM_NONE);
}
