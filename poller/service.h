/*
 * service: the parts that the poller's requests use, put together by main.
 */
#ifndef POLLER_SERVICE_H
#define POLLER_SERVICE_H

#include <stdatomic.h>

#include "db/chat/last_delivered.h"
#include "poller/capacity.h"

struct service {
	struct store *store;
	const struct settings *settings;
	struct capacity capacity;
	struct stream_quota *quota;
	struct connection_quota *connections;
	struct request_quota *requests;
	struct notes notes;
	struct hub *hub;
	struct reaper *reaper;
	struct deadlines *deadlines;
	struct rest_bridge *rest; /* NULL: streams only */
	const struct reuse *reuse; /* of connections that the hub took over */
	const struct server_routes *routes;
	int proxied; /* it listens on a front's unix socket */
	atomic_int begun; /* requests that have begun and not ended */
	atomic_int parked; /* requests that wait, suspended */
	atomic_int stopping; /* requests wait with their thread */
};

#endif
