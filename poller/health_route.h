/* health_route: answers GET /health of the poller. */
#ifndef POLLER_HEALTH_ROUTE_H
#define POLLER_HEALTH_ROUTE_H

#include "poller/exchange.h"

enum MHD_Result health_route_answer(struct exchange *);

#endif
