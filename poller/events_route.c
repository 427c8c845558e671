#include "poller/events_route.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "db/base/address.h"
#include "db/base/hash.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "api/http/uri.h"
#include "api/feed/catchup.h"
#include "db/chat/last_delivered.h"
#include "poller/client_addr.h"
#include "poller/http_connection.h"
#include "poller/hub.h"
#include "poller/proto/websocket.h"
#include "poller/reaper.h"
#include "poller/stream_quota.h"

static const struct protocol *const protocols[] = {
#define PROTOCOL(name) &name##_protocol,
#include "api/feed/protocols.def"
#undef PROTOCOL
	&websocket_protocol, NULL
};

struct opening {
	struct exchange *x;
	struct catchup c;
	struct stream_quota_owner owner;
	struct buf head; /* of an answer that is not HTTP's */
	struct buf header; /* see joined */
};

/* A duplicate of the request's socket for the hub; -1: logged. */
static int
second_descriptor(const struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int fd = fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		log_warn(
		    "no descriptor is left for a stream; raise the limit of"
		    " open files",
		    "streams=%lld",
		    (long long)stream_quota_total(x->service->quota));
	return fd;
}

/* Before presence is written, so that a refusal leaves nothing behind. */
static enum problem
take_quota(struct opening *o)
{
	o->owner =
	    (struct stream_quota_owner){ o->c.sub.user.n, o->x->address };
	switch (stream_quota_take(o->x->service->quota, &o->owner)) {
	case STREAM_QUOTA_FULL:
		return PROBLEM_BUSY;
	case STREAM_QUOTA_PERSON:
		return PROBLEM_TOO_MANY_STREAMS;
	case STREAM_QUOTA_OK:
		break;
	}
	return PROBLEM_NONE;
}

static void
give_quota(const struct opening *o)
{
	stream_quota_give(o->x->service->quota, &o->owner);
}

struct header {
	const char *name;
	struct buf *value;
};

static enum MHD_Result
join(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header *h = arg;

	(void)kind;
	if (strcasecmp(name, h->name) == 0)
		buf_addf(h->value, "%s%s", h->value->len > 0 ? ", " : "",
		    value != NULL ? value : "");
	return MHD_YES;
}

/* A protocol_header_fn: joins fields of the same name into a list. */
static const char *
joined(void *arg, const char *name)
{
	struct opening *o = arg;
	struct header h = { name, &o->header };

	buf_clear(&o->header);
	(void)MHD_get_connection_values(
	    o->x->connection, MHD_HEADER_KIND, join, &h);
	return o->header.len > 0 ? buf_str(&o->header) : NULL;
}

static int
has_token(const char *list, const char *token)
{
	static const char separators[] = " \t,";
	size_t n;

	for (; list != NULL && *list != '\0'; list += n) {
		list += strspn(list, separators);
		n = strcspn(list, separators);
		if (n == strlen(token) && strncasecmp(list, token, n) == 0)
			return 1;
	}
	return 0;
}

/* Where the connection goes on after the answer of a poll; NULL: nowhere. */
static const struct reuse *
reuse(struct opening *o)
{
	struct MHD_Connection *connection = o->x->connection;

	if (o->c.sub.protocol->shape != PROTOCOL_ANSWER ||
	    strcmp(o->x->version, MHD_HTTP_VERSION_1_1) != 0 ||
	    has_token(joined(o, MHD_HTTP_HEADER_CONNECTION), "close") ||
	    !http_connection_is_even(
		http_connection_of(connection), connection))
		return NULL;
	return o->x->service->reuse;
}

/*
 * Gives the hub the socket and the place in the quota; the answer begins with
 * BEGUN.  Steps that can fail come before presence is written, which nobody
 * would end then.
 */
static enum MHD_Result
hand_over(struct opening *o, const struct buf *begun)
{
	const struct service *service = o->x->service;
	int fd = second_descriptor(o->x);
	enum db_rc rc;

	if (fd < 0) {
		give_quota(o);
		return exchange_problem(o->x, PROBLEM_BUSY);
	}
	if (o->c.entry.transport == TRANSPORT_STREAM)
		o->c.sub.slot = last_delivered_take(
		    service->notes.of_streams, o->c.sub.cursor);
	rc = catchup_enter(store_db(service->store), &o->c);
	if (rc != DB_OK) {
		last_delivered_give(service->notes.of_streams, o->c.sub.slot);
		(void)close(fd);
		give_quota(o);
		return exchange_problem(o->x, problem_of(rc, o->c.why));
	}
	hub_add(service->hub, fd, &o->c.sub, &o->owner, begun, reuse(o));
	return MHD_NO;
}

static enum MHD_Result
stream(struct opening *o)
{
	enum problem problem = take_quota(o);

	return problem == PROBLEM_NONE ? hand_over(o, &o->head) :
					 exchange_problem(o->x, problem);
}

/* Events that are there already are answered at once. */
static enum MHD_Result
answer(struct opening *o, enum db_rc rc)
{
	struct db *db = store_db(o->x->service->store);

	if (rc != DB_OK)
		return exchange_problem(o->x, problem_of(rc, o->c.why));
	o->x->handed = catchup_handed(db, &o->c);
	return exchange_text(o->x, o->c.sub.protocol->type, &o->c.body);
}

static enum MHD_Result
poll(struct opening *o)
{
	struct db *db = store_db(o->x->service->store);
	enum problem problem = PROBLEM_NONE;
	enum db_rc rc;

	if (o->c.may_wait)
		problem = take_quota(o);
	if (problem != PROBLEM_NONE)
		return exchange_problem(o->x, problem);
	rc = catchup_enter(db, &o->c);
	if (rc == DB_OK)
		rc = catchup_answer(db, &o->c);
	if (rc == DB_OK && o->c.waits)
		return hand_over(o, &o->c.body);
	if (o->c.may_wait)
		give_quota(o);
	return answer(o, rc);
}

static enum MHD_Result
proceed(struct opening *o)
{
	const struct protocol *protocol = o->c.sub.protocol;
	enum problem problem = PROBLEM_NONE;
	int is_head = strcmp(o->x->method, MHD_HTTP_METHOD_HEAD) == 0;

	if (protocol->upgrade != NULL)
		problem = is_head ? PROBLEM_UPGRADE_REQUIRED :
				    protocol->upgrade(joined, o, &o->head);
	if (problem != PROBLEM_NONE)
		return exchange_problem(o->x, problem);
	if (is_head)
		return exchange_text(o->x, protocol->type, &o->c.body);
	return protocol->shape == PROTOCOL_ANSWER || o->c.asked.at_once ?
	    poll(o) :
	    stream(o);
}

enum MHD_Result
events_route_answer(struct exchange *x)
{
	struct db *db = store_db(x->service->store);
	struct credentials sent = credentials_of(&x->headers, &x->cors);
	struct opening o = { .x = x,
		.c = {
		    .asked = { .protocols = protocols,
			.query = uri_query(x->target),
			.token = credentials_token(&sent),
			.cookie = sent.cookie,
			.accept = x->headers.accept,
			.last_event_id = x->headers.last_event_id },
		    .settings = x->service->settings,
		    .node = reaper_node(x->service->reaper),
		    .notes = x->service->notes.of_polls,
		    .may_wait = 1,
		    .eager = strcmp(x->method, MHD_HTTP_METHOD_HEAD) != 0,
		    .cors = x->cors,
		} };
	enum MHD_Result result;
	enum db_rc rc;

	if (db == NULL)
		return exchange_problem(x, PROBLEM_BUSY);
	rc = catchup_check(db, &o.c);
	if (rc != DB_OK)
		result = exchange_problem(x, problem_of(rc, o.c.why));
	else
		result = proceed(&o);
	buf_done(&o.c.body);
	buf_done(&o.head);
	buf_done(&o.header);
	store_rest(x->service->store);
	return result;
}
