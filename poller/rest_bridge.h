/*
 * rest_bridge: the REST API and the page in the poller's own process.
 *
 * This is the only file of the poller that includes api/api.h.
 */
#ifndef POLLER_REST_BRIDGE_H
#define POLLER_REST_BRIDGE_H

#include "poller/exchange.h"

/* SETTINGS are lent; files are served from the directory settings.www. */
struct rest_bridge *rest_bridge_open(struct store *, const struct settings *);
void rest_bridge_close(struct rest_bridge *);

enum MHD_Result rest_bridge_answer(struct exchange *);

/* Answers with a file of the page, or 404. */
enum MHD_Result rest_bridge_file(struct exchange *);

#endif
