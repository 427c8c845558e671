/*
 * rest_bridge: the REST API and the page in the poller's own process.
 *
 * The only place where the poller knows of api/.
 */
#ifndef POLLER_REST_BRIDGE_H
#define POLLER_REST_BRIDGE_H

#include "poller/exchange.h"

/* Lends SETTINGS; files are served from the directory settings.www. */
struct rest_bridge *rest_bridge_open(struct store *, const struct settings *);
void rest_bridge_close(struct rest_bridge *);

enum MHD_Result rest_bridge_answer(struct exchange *);

/* A file of the page, or 404. */
enum MHD_Result rest_bridge_file(struct exchange *);

#endif
