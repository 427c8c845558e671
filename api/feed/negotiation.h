/*
 * negotiation: chooses the protocol of a request, by `as` or the Accept header.
 */
#ifndef API_FEED_NEGOTIATION_H
#define API_FEED_NEGOTIATION_H

#include "api/feed/protocol.h"
#include "api/http/problem.h"

/*
 * One of SERVED, which ends with NULL and begins with the protocol for clients
 * whose Accept leaves the choice.  A protocol without a media type can only be
 * asked for by its name.  QUERY is raw; ACCEPT may be NULL.  NULL with *WHY:
 * malformed_request, or no_websocket where another program speaks it.
 */
const struct protocol *negotiation_choose(const struct protocol *const *served,
    const char *query, const char *accept, enum problem *why);

#endif
