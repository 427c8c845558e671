/*
 * server: the HTTP server: libmicrohttpd with a pool of threads.
 *
 * Each thread of the pool serves its connections and waits for nothing but
 * sockets: a request that has to wait is parked (poller/parking.h).  A stream, once it is authorized, is handed
 * to the hub as a duplicate of its socket, and libmicrohttpd forgets the
 * connection: it uses seventy times as much memory for a connection as the hub
 * does.
 */
#ifndef POLLER_SERVER_H
#define POLLER_SERVER_H

#include "poller/exchange.h"

/*
 * How a path is compared.  A front may put a folder before the paths for
 * visitors; SERVER_IS keeps the operator's paths from being reached that way.
 */
enum server_match {
	SERVER_IS, /* the whole path */
	SERVER_ENDS, /* in any folder */
	SERVER_HOLDS, /* and any path beneath it */
	SERVER_ANY
};

/* SERVER_READS: CORS and the method (GET) are checked before the call. */
struct server_route {
	const char *path;
	enum server_match match;
	enum { SERVER_READS, SERVER_RAW } kind;
	enum MHD_Result (*answer)(struct exchange *);
};

/* The first route that matches counts; 404 if none does. */
struct server_routes {
	const struct server_route *all;
	size_t n;
};

struct server;

/*
 * Listens (settings listen, else FALLBACK), logs the address, and serves ROUTES
 * with the parts of the service.  NULL: the reason is logged.
 */
struct server *server_start(
    struct service *, const struct server_routes *, const char *fallback);

/*
 * Accepts no further connections, waits for requests in progress for at most
 * its share of settings stop_ms, and ends.
 */
void server_stop(struct server *);

#endif
