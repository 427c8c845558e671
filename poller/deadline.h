/*
 * deadline: how long a request may take to arrive in full.
 *
 * libmicrohttpd's own time-out begins anew with each byte, so one byte a
 * second holds a connection for ever.  A thread of this shuts down what has
 * taken longer than it may; the connection's own thread then closes it.
 */
#ifndef POLLER_DEADLINE_H
#define POLLER_DEADLINE_H

#include <stdint.h>

struct deadlines;
struct deadline;

struct deadlines *deadlines_start(int64_t request_ms);
void deadlines_stop(struct deadlines *);

/* A connection on FD that has just come, or that waits for a request. */
struct deadline *deadline_add(struct deadlines *, int fd);
/* Before FD is closed. */
void deadline_remove(struct deadlines *, struct deadline *);

/* Its request is complete: no hurry until deadline_begin. */
void deadline_rest(struct deadlines *, struct deadline *);
void deadline_begin(struct deadlines *, struct deadline *);

#endif
