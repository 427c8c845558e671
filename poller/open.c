#include "poller/open.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "db/base/hash.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/uri.h"
#include "db/catchup.h"
#include "db/users.h"

struct opening {
	struct exchange *x;
	struct catchup c;
};

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
	enum db_rc rc;

	if (fd < 0)
		return PROBLEM_BUSY;
	rc = catchup_enter(store_db(service->store), &o->c);
	if (rc != DB_OK) {
		(void)close(fd);
		return problem_of(rc, o->c.why);
	}
	hub_add(service->hub, fd, &o->c.sub, owner);
	return PROBLEM_NONE;
}

static enum MHD_Result
stream(struct opening *o)
{
	const struct service *service = o->x->service;
	struct caps_owner owner = { o->c.sub.user.n, address(o->x) };
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
	enum db_rc rc = catchup_enter(db, &o->c);

	if (rc == DB_OK)
		rc = catchup_answer(db, &o->c);
	if (rc != DB_OK)
		return http_problem(o->x, problem_of(rc, o->c.why));
	/* Who must reload does not wait: nothing will tell him more. */
	if (o->c.n > 0 || o->c.sub.wait == 0 || !o->c.sub.recovered)
		return http_reply(o->x, MHD_HTTP_OK,
		    subscription_types[DELIVERY_POLL], &o->c.body);
	return stream(o);
}

static enum MHD_Result
proceed(struct opening *o)
{
	enum delivery delivery = o->c.sub.delivery;

	if (strcmp(o->x->method, MHD_HTTP_METHOD_HEAD) == 0)
		return http_reply(o->x, MHD_HTTP_OK,
		    subscription_types[delivery], &o->c.body);
	return delivery == DELIVERY_POLL ? poll(o) : stream(o);
}

enum MHD_Result
open_answer(struct exchange *x)
{
	struct db *db = store_db(x->service->store);
	struct opening o = { .x = x,
		.c = {
		    .asked = { .query = uri_query(x->target),
			.token = users_bearer(http_header(x, "Authorization"),
			    http_header(x, "X-Parlor-Token")),
			.cookie =
			    x->cors.cookie ? http_header(x, "Cookie") : NULL,
			.accept = http_header(x, "Accept"),
			.last_event_id = http_header(x, "Last-Event-ID") },
		    .settings = x->service->settings,
		    .node = reaper_node(x->service->reaper),
		    .cors = x->cors,
		} };
	enum MHD_Result result;
	enum db_rc rc;

	if (db == NULL)
		return http_problem(x, PROBLEM_BUSY);
	rc = catchup_check(db, &o.c);
	if (rc != DB_OK)
		result = http_problem(x, problem_of(rc, o.c.why));
	else
		result = proceed(&o);
	buf_done(&o.c.body);
	return result;
}
