/* events_route: serves GET /events as a stream in the hub or as an answer. */
#ifndef POLLER_EVENTS_ROUTE_H
#define POLLER_EVENTS_ROUTE_H

#include "poller/exchange.h"

/*
 * Checks the caller, the rooms and the position, makes the caller present, and
 * then hands the socket to the hub (MHD_NO: libmicrohttpd forgets it) or
 * answers.
 */
enum MHD_Result events_route_answer(struct exchange *);

#endif
