#include "db/chat/delivery.h"
#include "api/feed/catchup.h"

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/engine/storage.h"
#include "api/feed/wire.h"
#include "api/http/uri.h"

/* Whether E is the last event of its scope, the Ith, for the client. */
static int
is_last(const struct catchup *c, const struct event *e, size_t i)
{
	if (e->seq <= c->since)
		return 0;
	return i < c->sub.n ?
	    events_end_reason(e->ends, c->sub.seats[i].chatter.n) != NULL :
	    e->ends == EVENT_ENDS_ALL;
}

static enum events_go
add_event(const struct event *e, void *arg)
{
	struct catchup *c = arg;
	size_t i = 0;

	c->more = wire_answer_is_full(c->n, c->body.len, e->len);
	if (c->more)
		return EVENTS_STOP;
	c->n++;
	c->last = e->seq;
	while (i < c->sub.n &&
	    (e->scope.type != SCOPE_ROOM ||
		e->scope.id != c->sub.seats[i].room.n))
		i++;
	if (c->over[i])
		return EVENTS_GO_ON;
	if (i < c->sub.n &&
	    (strcmp(e->kind, events_kind_text(EVENT_MESSAGE)) == 0 ||
		strcmp(e->kind, events_kind_text(EVENT_ALERT)) == 0))
		c->said = 1;
	c->sub.protocol->frame(&c->body, c->sub.log.epoch, e);
	c->over[i] = is_last(c, e, i);
	return EVENTS_GO_ON;
}

static void
begin(struct catchup *c)
{
	struct protocol_times times = { c->settings->hb_ms,
		c->settings->retry_ms };

	c->sub.protocol->open(&c->body, &c->sub, &times);
}

/* The client has been told everything up to HEAD, unless more events fit. */
static void
end(struct catchup *c, int64_t head)
{
	struct protocol_end last = { .reason = "poll",
		.retry_ms = c->more ? 0 : c->settings->retry_ms,
		.epoch = c->sub.log.epoch,
		.told = c->sub.cursor,
		.cursor = c->more ? c->last : head,
		.more = c->more };

	c->told = last.cursor;
	c->sub.protocol->bye(&c->body, &last);
}

/* Inside db_read; LOG is how the log is there. */
static enum db_rc
answer_from(struct db *db, struct catchup *c, const struct log_state *log)
{
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	size_t n = subscription_scopes(&c->sub, scopes);
	int64_t head = log->head;
	enum db_rc rc = DB_OK;

	if (c->sub.cursor < log->floor ||
	    strcmp(c->sub.log.epoch, log->epoch) != 0) {
		c->sub.recovered = 0;
		c->sub.cursor = head;
	}
	c->since = c->sub.log.head;
	c->sub.log = *log;
	begin(c);
	if (c->sub.cursor < head)
		rc = events_of(db, scopes, n, c->sub.cursor, head,
		    WIRE_ANSWER_EVENTS + 1, add_event, c);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	/* A client that must reload does not wait: nothing more will come. */
	c->waits = c->may_wait && c->n == 0 && c->sub.recovered;
	if (!c->waits)
		end(c, head);
	c->sub.cursor = head;
	if (!c->said)
		return DB_OK;
	rc = subscription_lags(db, &c->sub, c->told);
	c->lags = rc == DB_OK;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
answer(struct db *db, void *arg)
{
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	return rc == DB_OK ? answer_from(db, arg, &log) : rc;
}

static enum db_rc
check(struct db *db, void *arg)
{
	struct catchup *c = arg;
	const struct settings *s = c->settings;
	int at_once = c->asked.at_once;
	enum db_rc rc;

	rc = subscription_check(
	    db, &c->asked, &c->caller, s->replay_max, &c->sub, &c->why);
	if (rc != DB_OK)
		return rc;
	c->may_wait = c->may_wait && c->sub.wait > 0 && !at_once;
	c->entry =
	    (struct entry){ .transport = TRANSPORT_STREAM, .node = c->node };
	if (at_once || c->sub.protocol->shape == PROTOCOL_ANSWER)
		c->entry = (struct entry){ .transport = TRANSPORT_POLL,
			.notes = c->notes,
			.lease_ms =
			    s->poll_margin_ms + (at_once ? 0 : c->sub.wait) };
	c->entry.grace_ms = s->room_grace_ms;
	rc = subscription_needs(db, &c->sub, &c->entry, &c->needs);
	if (rc == DB_OK && c->eager && c->needs == SUBSCRIPTION_PRESENT) {
		rc = answer_from(db, c, &c->sub.log);
		c->answered = 1;
	}
	return rc;
}

/* A service key may look on if it has the scope for that. */
static void
refine(struct catchup *c)
{
	c->why = credentials_refine(&c->caller, c->why);
	if (c->why == PROBLEM_KEY_NEEDS_SEAT)
		c->why = PROBLEM_KEY_CANNOT_READ;
}

/* Reads the parameter `poll`: 1 ends the answer.  -1: it is malformed. */
static int
read_poll(struct catchup *c)
{
	struct buf value = BUF_INIT;
	enum uri_rc rc = uri_param(c->asked.query, "poll", &value);
	int ends = rc == URI_OK && strcmp(buf_str(&value), "1") == 0;

	if (ends)
		c->asked.at_once = 1;
	buf_done(&value);
	return ends || rc == URI_NONE ? 0 : -1;
}

enum db_rc
catchup_check(struct db *db, struct catchup *c)
{
	struct buf ticket = BUF_INIT;
	enum db_rc rc = DB_CONFLICT;

	c->why = PROBLEM_MALFORMED_REQUEST;
	if (read_poll(c) == 0 &&
	    subscription_caller(&c->asked, &ticket, &c->caller) == 0)
		rc = db_read(db, check, c);
	if (rc == DB_CONFLICT && c->caller.unseen) {
		rc = credentials_meet(db, &c->caller);
		if (rc == DB_OK)
			rc = db_read(db, check, c);
	}
	refine(c);
	c->sub.cors = c->cors;
	buf_done(&ticket);
	return rc;
}

static enum db_rc
enter(struct db *db, void *arg)
{
	struct catchup *c = arg;
	enum db_rc rc = credentials_know(db, &c->caller, &c->why);

	return rc == DB_OK ?
	    subscription_enter(db, &c->sub, &c->entry, &c->why) :
	    rc;
}

/*
 * The person was erased since the check.  The subject is now a new user, whom
 * the check creates.
 */
static enum db_rc
enter_anew(struct db *db, struct catchup *c)
{
	int64_t slot = c->sub.slot;
	enum db_rc rc = catchup_check(db, c);

	c->sub.slot = slot;
	if (rc != DB_OK)
		return rc;
	c->needs = SUBSCRIPTION_PRESENT;
	return db_write(db, enter, c);
}

enum db_rc
catchup_enter(struct db *db, struct catchup *c)
{
	struct buf ticket = BUF_INIT;
	enum db_rc rc;

	if (c->needs != SUBSCRIPTION_MUST_ENTER)
		return DB_OK;
	c->needs = SUBSCRIPTION_PRESENT;
	/*
	 * The text of a decoded ticket was only lent, so decode the ticket
	 * again.
	 */
	if (c->caller.type == CALLER_TICKET)
		must(subscription_caller(&c->asked, &ticket, &c->caller) == 0);
	rc = db_write(db, enter, c);
	buf_done(&ticket);
	if (rc == DB_CONFLICT && c->caller.unseen)
		return enter_anew(db, c);
	refine(c);
	if (storage_of(rc) == STORAGE_OK ||
	    store_storage(db_store(db)) == STORAGE_OK)
		return rc;
	/* Reading goes on.  Leases do not expire during the outage. */
	subscription_outside(&c->sub);
	return DB_OK;
}

enum db_rc
catchup_answer(struct db *db, struct catchup *c)
{
	return c->answered ? DB_OK : db_read(db, answer, c);
}

struct handing {
	const struct catchup *c;
	struct handed *handed;
};

static enum db_rc
count_as_heard(struct db *db, void *arg)
{
	struct handing *h = arg;

	return subscription_told(
	    db, &h->c->sub, h->c->told, h->handed->changes, &h->handed->n);
}

/* Events can be read even while the store cannot be written. */
struct handed *
catchup_handed(struct db *db, const struct catchup *c)
{
	struct handing h = { c, NULL };

	if (!c->lags)
		return NULL;
	h.handed = must_alloc(sizeof(*h.handed));
	if (db_write(db, count_as_heard, &h) == DB_OK)
		return h.handed;
	free(h.handed);
	return NULL;
}

static enum db_rc
undo(struct db *db, void *arg)
{
	const struct handed *handed = arg;
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < handed->n; i++)
		rc = delivery_undo(db, &handed->changes[i]);
	return rc;
}

static void
note_undone(const struct handed *handed, enum db_rc rc)
{
	if (rc != DB_OK)
		log_warn("a lost answer counts as delivered", "rooms=%zu",
		    handed->n);
}

void
catchup_unheard(struct db *db, struct handed *handed)
{
	if (handed != NULL)
		note_undone(handed, db_write(db, undo, handed));
}

static void
undone(struct db_job *job, enum db_rc rc)
{
	note_undone(job->arg, rc);
	free(job->arg);
	free(job);
}

void
catchup_post_unheard(struct store *store, struct handed *handed)
{
	struct db_job *job = must_alloc(sizeof(*job));
	enum db_rc rc;

	*job = (struct db_job){ .fn = undo, .arg = handed, .done = undone };
	rc = db_post(store, job);
	if (rc != DB_OK)
		undone(job, rc);
}
