/*
 * server: accepts, parses and routes, with libmicrohttpd and a pool of threads.
 *
 * Each thread of the pool serves its connections one request at a time, and
 * may wait for the store while it does.  A stream, once it is authorised, is
 * handed to the hub as a duplicate of its socket, and libmicrohttpd forgets
 * the connection: what it keeps for one is seventy times what the hub needs.
 */
#ifndef POLLER_SERVER_H
#define POLLER_SERVER_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "db/base/buf.h"
#include "api/http/cors.h"
#include "db/base/settings.h"
#include "db/engine/db.h"
#include "api/http/problem.h"
#include "poller/stream_quota.h"
#include "poller/deadline.h"
#include "poller/hub.h"
#include "poller/reaper.h"

struct rest_bridge;

/* What requests are served with; set before the daemon starts. */
struct service {
	struct store *store;
	const struct settings *settings;
	struct stream_quota *caps;
	struct delivered *delivered;
	struct hub *hub;
	struct reaper *reaper;
	struct deadlines *deadlines;
	struct rest_bridge *embed; /* NULL: streams only */
	int proxied; /* a front's unix socket */
	atomic_int begun; /* requests that have begun and not ended */
};

/* One request on its way. */
struct exchange {
	struct service *service;
	struct MHD_Connection *connection;
	char *target; /* raw, but for escapes that mean nothing */
	const char *method;
	struct buf body;
	size_t body_max;
	int gated;
	struct buf accept; /* see server_accept */
	struct cors cors; /* of the answer */
	struct handed *handed; /* what it tells counts as heard; or NULL */
};

struct server;

/*
 * Listens (settings listen, else FALLBACK) and logs the address; NULL: logged
 * why not.
 */
struct server *server_start(struct service *, const char *fallback);

/*
 * Takes no further connections, lets what has begun be answered for at most
 * its share of settings stop_ms, and ends.
 */
void server_stop(struct server *);

/* A request header's value, NULL when there is none. */
const char *server_header(const struct exchange *, const char *name);

/*
 * All headers Accept as the one list that they are (RFC 9110 section 5.3);
 * NULL when there is none.  Lives as long as the exchange.
 */
const char *server_accept(struct exchange *);

/* Where the request says that it comes from; lent. */
struct cors_request server_origin(const struct exchange *);

/* Adds a header to the struct MHD_Response ARG: a cors_fn. */
void server_add_header(void *arg, const char *name, const char *value);

/* Answers with TYPE and BODY (taken over, empty afterwards). */
enum MHD_Result server_reply(
    const struct exchange *, int status, const char *type, struct buf *body);
enum MHD_Result server_problem(const struct exchange *, enum problem);

/* The same for a response that has been made; headers for all are added. */
enum MHD_Result server_queue(
    const struct exchange *, int status, struct MHD_Response *);

#endif
