/*
 * request_timeout: how long each request may take, stage by stage.
 *
 * A peer that sends its request byte by byte, or takes the answer so, would
 * hold a thread for ever: request_timeout_cut, called again and again, shuts down the
 * connection of a request that does not arrive within request_deadline_ms,
 * or whose answer is not taken within a minute.  A handler that does not
 * come back cannot be cut off like that.  So each thread says in its pulse
 * until when it will have moved on: hang_ms for the handler, and hang_ms
 * after it should have been cut off for the rest.  Whoever shares that
 * memory sees who is stuck, and may end the process (supervisor.h).
 *
 * request_timeout_cut and each seat may be used by different threads at once.
 */
#ifndef API_DOORS_REQUEST_TIMEOUT_H
#define API_DOORS_REQUEST_TIMEOUT_H

#include <stdatomic.h>
#include <stdint.h>

#include "db/base/settings.h"

enum { REQUEST_TIMEOUT_SEATS = 256 }; /* the most threads there are */

struct pulse {
	atomic_int_fast64_t due[REQUEST_TIMEOUT_SEATS]; /* lease ms, 0: idle */
};

/* The earliest time by which a busy thread has to move on; 0: all idle. */
int64_t pulse_due(const struct pulse *);

struct request_timeout;

/* PULSE is lent until the watch is closed. */
struct request_timeout *request_timeout_open(
    const struct settings *, struct pulse *);
void request_timeout_close(struct request_timeout *);

/* How often request_timeout_cut should be called. */
int request_timeout_look_ms(const struct request_timeout *);

/* Shuts down what is overdue. */
void request_timeout_cut(struct request_timeout *);

/*
 * The stages of the request on SEAT, in this order.  FD is a descriptor of
 * the connection that the watch has for itself and closes.
 */
void request_timeout_reading(struct request_timeout *, int seat, int fd);
void request_timeout_handling(struct request_timeout *, int seat);
void request_timeout_writing(struct request_timeout *, int seat);
void request_timeout_done(struct request_timeout *, int seat);

#endif
