#include "poller/open.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "db/base/hash.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/uri.h"
#include "db/presence.h"
#include "db/users.h"
#include "db/wire.h"

struct opening {
	struct exchange *x;
	struct subscription_request asked;
	struct subscription sub;
	struct entry entry;
	int needs;
	enum problem why;
	struct buf body; /* of an answered poll */
	int n; /* events in it */
	int64_t last;
};

static enum db_rc
check(struct db *db, void *arg)
{
	struct opening *o = arg;
	const struct settings *s = o->x->service->settings;
	enum db_rc rc;

	rc = subscription_check(db, &o->asked, s->replay_max, &o->sub, &o->why);
	if (rc != DB_OK)
		return rc;
	o->entry = (struct entry){ .transport = TRANSPORT_STREAM,
		.node = reaper_node(o->x->service->reaper) };
	if (o->sub.delivery == DELIVERY_POLL)
		o->entry = (struct entry){ .transport = TRANSPORT_POLL,
			.lease_ms = o->sub.wait + s->poll_margin_ms };
	return subscription_needs(db, &o->sub, o->entry.lease_ms, &o->needs);
}

static enum db_rc
enter(struct db *db, void *arg)
{
	struct opening *o = arg;

	return subscription_enter(db, &o->sub, &o->entry, &o->why);
}

static void
add_event(const struct event *e, void *arg)
{
	struct opening *o = arg;

	if (o->n++ < WIRE_POLL_EVENTS) {
		wire_poll_event(&o->body, o->sub.log.epoch, e);
		o->last = e->seq;
	}
}

/* What there is now for a poll; leaves BODY unfinished when there is none. */
static enum db_rc
gather(struct db *db, void *arg)
{
	struct opening *o = arg;
	const struct settings *s = o->x->service->settings;
	struct wire_times times = { s->hb_ms, s->retry_ms };
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	size_t n = subscription_scopes(&o->sub, scopes);
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	if (rc != DB_OK)
		return rc;
	wire_poll_begin(&o->body, &o->sub, &times);
	rc = events_of(db, scopes, n, o->sub.cursor, log.head,
	    WIRE_POLL_EVENTS + 1, add_event, o);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	wire_poll_end(&o->body, log.epoch,
	    o->n > WIRE_POLL_EVENTS ? o->last : log.head,
	    o->n > WIRE_POLL_EVENTS);
	/* A poll that goes on to wait has heard all up to here. */
	o->sub.cursor = log.head;
	return DB_OK;
}

/* Stands for where a request comes from; never 0, which is unknown. */
static uint64_t
place(const void *bytes, size_t len)
{
	return hash_bytes(bytes, len) | 1;
}

/*
 * Behind a front it is the last element of what the front says: those before
 * are the client's own words.
 */
static uint64_t
address(const struct exchange *x)
{
	const union MHD_ConnectionInfo *info;
	const struct sockaddr *from;
	const char *said = http_header(x, "X-Forwarded-For"), *last;

	if (x->service->proxied) {
		if (said == NULL)
			return 0;
		last = strrchr(said, ',');
		last = last != NULL ? last + 1 + strspn(last + 1, " ") : said;
		return place(last, strlen(last));
	}
	info = MHD_get_connection_info(
	    x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	from = info != NULL ? info->client_addr : NULL;
	if (from == NULL)
		return 0;
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *in =
		    (const struct sockaddr_in *)(const void *)from;

		return place(&in->sin_addr, sizeof(in->sin_addr));
	}
	if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 =
		    (const struct sockaddr_in6 *)(const void *)from;

		/* One host has a whole /64 to choose from. */
		return place(&in6->sin6_addr, sizeof(in6->sin6_addr) / 2);
	}
	return 0;
}

/* A descriptor of the hub's own for the request's socket; -1: logged. */
static int
second_descriptor(const struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int fd = fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		log_warn("no descriptor is left for a stream; raise the limit",
		    "streams=%lld", (long long)caps_total(x->service->caps));
	return fd;
}

/* What can fail comes before presence, which nobody would end then. */
static enum problem
hand_over(struct opening *o, const struct caps_owner *owner)
{
	const struct service *service = o->x->service;
	int fd = second_descriptor(o->x);
	enum db_rc rc = DB_OK;

	if (fd < 0)
		return PROBLEM_BUSY;
	if (o->needs == SUBSCRIPTION_MUST_ENTER)
		rc = db_write(store_db(service->store), enter, o);
	if (rc != DB_OK) {
		(void)close(fd);
		return problem_of(rc, o->why);
	}
	hub_add(service->hub, fd, &o->sub, owner);
	return PROBLEM_NONE;
}

static enum MHD_Result
stream(struct opening *o)
{
	const struct service *service = o->x->service;
	struct caps_owner owner = { o->sub.user.n, address(o->x) };
	enum problem problem;

	switch (caps_take(service->caps, &owner)) {
	case CAPS_FULL:
		return http_problem(o->x, PROBLEM_BUSY);
	case CAPS_PERSON:
		return http_problem(o->x, PROBLEM_TOO_MANY_STREAMS);
	case CAPS_OK:
		break;
	}
	problem = hand_over(o, &owner);
	if (problem == PROBLEM_NONE)
		return MHD_NO;
	caps_give(service->caps, &owner);
	return http_problem(o->x, problem);
}

static enum MHD_Result
poll(struct opening *o)
{
	struct db *db = store_db(o->x->service->store);
	enum db_rc rc = DB_OK;

	if (o->needs == SUBSCRIPTION_MUST_ENTER)
		rc = db_write(db, enter, o);
	o->needs = SUBSCRIPTION_PRESENT;
	if (rc == DB_OK)
		rc = db_read(db, gather, o);
	if (rc != DB_OK)
		return http_problem(o->x, problem_of(rc, o->why));
	/* Who must reload does not wait: nothing will tell him more. */
	if (o->n > 0 || o->sub.wait == 0 || !o->sub.recovered)
		return http_reply(
		    o->x, MHD_HTTP_OK, "application/json", &o->body);
	return stream(o);
}

enum MHD_Result
open_answer(struct exchange *x)
{
	struct opening o = { .x = x,
		.asked = {
		    .query = uri_query(x->target),
		    .token = users_bearer(http_header(x, "Authorization"),
			http_header(x, "X-Parlor-Token")),
		    .accept = http_header(x, "Accept"),
		    .last_event_id = http_header(x, "Last-Event-ID"),
		} };
	struct db *db = store_db(x->service->store);
	enum MHD_Result result;
	enum db_rc rc;

	if (db == NULL)
		return http_problem(x, PROBLEM_BUSY);
	rc = db_read(db, check, &o);
	if (rc != DB_OK)
		result = http_problem(x, problem_of(rc, o.why));
	else if (strcmp(x->method, MHD_HTTP_METHOD_HEAD) == 0)
		result = http_reply(x, MHD_HTTP_OK,
		    o.sub.delivery == DELIVERY_SSE ? "text/event-stream" :
						     "application/json",
		    &o.body);
	else
		result =
		    o.sub.delivery == DELIVERY_POLL ? poll(&o) : stream(&o);
	buf_done(&o.body);
	return result;
}
