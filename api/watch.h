/*
 * watch: how long each request may take, stage by stage.
 *
 * A peer that sends its request byte by byte, or takes the answer so, would
 * hold a thread for ever: watch_cut, called again and again, shuts down the
 * connection of a request that does not arrive within request_deadline_ms,
 * or whose answer is not taken within a minute.  A handler that does not
 * come back cannot be cut off like that.  So each thread says in its pulse
 * until when it will have moved on: hang_ms for the handler, and hang_ms
 * after it should have been cut off for the rest.  Whoever shares that
 * memory sees who is stuck, and may end the process (supervisor.h).
 *
 * watch_cut and each seat may be used by different threads at once.
 */
#ifndef API_WATCH_H
#define API_WATCH_H

#include <stdatomic.h>
#include <stdint.h>

#include "db/base/settings.h"

enum { WATCH_SEATS = 256 }; /* the most threads there are */

struct pulse {
	atomic_int_fast64_t due[WATCH_SEATS]; /* lease ms, 0: idle */
};

/* The earliest time by which a busy thread has to move on; 0: all idle. */
int64_t pulse_due(const struct pulse *);

struct watch;

/* PULSE is lent until the watch is closed. */
struct watch *watch_open(const struct settings *, struct pulse *);
void watch_close(struct watch *);

/* How often watch_cut should be called. */
int watch_look_ms(const struct watch *);

/* Shuts down what is overdue. */
void watch_cut(struct watch *);

/*
 * The stages of the request on SEAT, in this order.  FD is a descriptor of
 * the connection that the watch has for itself and closes.
 */
void watch_reading(struct watch *, int seat, int fd);
void watch_handling(struct watch *, int seat);
void watch_writing(struct watch *, int seat);
void watch_done(struct watch *, int seat);

#endif
