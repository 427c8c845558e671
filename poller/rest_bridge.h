/*
 * rest_bridge: the REST API and the page in the poller's own process.
 *
 * The only place where the poller knows of api/.
 */
#ifndef POLLER_REST_BRIDGE_H
#define POLLER_REST_BRIDGE_H

#include "poller/server.h"

/* Lends SETTINGS; files are served from the directory settings.www. */
struct rest_bridge *rest_bridge_open(struct store *, const struct settings *);
void rest_bridge_close(struct rest_bridge *);

/* Whether TARGET is the REST API's. */
int rest_bridge_owns(const char *target);

/* The longest body that the API takes, in bytes. */
size_t rest_bridge_body_max(void);

enum MHD_Result rest_bridge_answer(struct rest_bridge *, struct exchange *);

/* A file of the page, or 404. */
enum MHD_Result rest_bridge_file(struct rest_bridge *, struct exchange *);

#endif
