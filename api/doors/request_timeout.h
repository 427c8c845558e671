/*
 * request_timeout: how long each request may take, stage by stage.
 *
 * A peer that sends its request or reads the answer byte by byte would hold a
 * thread for ever.  request_timeout_cut, called again and again, shuts down the
 * connection of a request that does not arrive within request_deadline_ms, or
 * whose answer is not read within a minute.
 *
 * A handler that does not return cannot be cut off like that.  So each thread
 * writes a deadline to its pulse: hang_ms for the handler, and hang_ms after
 * the cut for the other stages.  A supervisor that sees a thread overdue ends
 * the process (supervisor.h).
 *
 * request_timeout_cut and each seat may be used by different threads at once.
 */
#ifndef API_DOORS_REQUEST_TIMEOUT_H
#define API_DOORS_REQUEST_TIMEOUT_H

#include "api/doors/pulse.h"
#include "db/base/settings.h"

struct request_timeout;

/* PULSE is lent until the close. */
struct request_timeout *request_timeout_open(
    const struct settings *, struct pulse *);
void request_timeout_close(struct request_timeout *);

/* How often request_timeout_cut should be called. */
int request_timeout_look_ms(const struct request_timeout *);

/* Shuts down overdue connections. */
void request_timeout_cut(struct request_timeout *);

/*
 * The stages of the request on SEAT, in this order.  FD is a descriptor of the
 * connection for this use alone; request_timeout_done closes it.
 */
void request_timeout_reading(struct request_timeout *, int seat, int fd);
void request_timeout_handling(struct request_timeout *, int seat);
void request_timeout_writing(struct request_timeout *, int seat);
void request_timeout_done(struct request_timeout *, int seat);

#endif
