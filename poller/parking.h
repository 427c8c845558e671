/*
 * parking: requests that wait for the store or for a hash without a thread.
 *
 * Each request is answered in a fiber.  While the fiber waits, libmicrohttpd's
 * connection is suspended: it takes no part in the event loop and has no
 * timeout, so a client is never cut off for our delay.  When the wait is over,
 * the connection is resumed, and libmicrohttpd calls for the answer again.
 */
#ifndef POLLER_PARKING_H
#define POLLER_PARKING_H

#include "poller/exchange.h"

/*
 * Answers X by ANSWER, or goes on with that.  MHD_YES without an answer: X
 * waits and comes again.
 */
enum MHD_Result parking_answer(
    struct exchange *, enum MHD_Result (*answer)(struct exchange *));

/*
 * libmicrohttpd gives X up.  An answer that has begun ends without waiting: it
 * is refused what it waits for (DB_BUSY).
 */
void parking_give_up(struct exchange *);

/*
 * Before the daemon stops, which may have no suspended connection: from now on
 * requests wait with their thread.  Returns when nobody is parked.
 */
void parking_close(struct service *);

#endif
