/*
 * rest_bridge: the REST API in the poller's own process.
 *
 * This is the only file of the poller that includes api/api.h.
 */
#ifndef POLLER_REST_BRIDGE_H
#define POLLER_REST_BRIDGE_H

#include "poller/exchange.h"

/* SETTINGS are lent.  Warns when the page is not where they say. */
struct rest_bridge *rest_bridge_open(struct store *, const struct settings *);
void rest_bridge_close(struct rest_bridge *);

enum MHD_Result rest_bridge_answer(struct exchange *);

#endif
