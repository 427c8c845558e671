/* health: the answer to GET /health, in the API and in the poller. */
#ifndef API_HTTP_HEALTH_H
#define API_HTTP_HEALTH_H

#include "api/http/reply.h"

enum { HEALTH_NO_STREAMS = -1 };

/*
 * Tries the store.  200, or 503 where it cannot be written.  STREAMS: the
 * number of open streams, for a program that keeps them.
 */
struct reply health_reply(struct db *, int64_t streams);

#endif
