/*
 * deadline: how long a request may take to arrive in full, and its answer to
 * be taken.
 *
 * libmicrohttpd's own timeout begins anew with each byte, so a client that
 * sends a byte a second would hold a connection for ever.  A separate thread
 * shuts down connections whose request is overdue; libmicrohttpd then closes
 * them.
 */
#ifndef POLLER_DEADLINE_H
#define POLLER_DEADLINE_H

#include <stdint.h>

struct deadlines;
struct deadline;

/*
 * A request may take REQUEST_MS, and its answer as long and a second more for
 * each RATE bytes (0: for ever).
 */
struct deadlines *deadlines_start(int64_t request_ms, int64_t rate);
void deadlines_stop(struct deadlines *);

/* Answers cut off so far. */
uint64_t deadlines_slow(const struct deadlines *);

/* A new connection on FD, whose request is due from now on. */
struct deadline *deadline_add(struct deadlines *, int fd);
/* Before FD is closed. */
void deadline_remove(struct deadlines *, struct deadline *);

/* The request is complete: there is no deadline until deadline_begin. */
void deadline_rest(struct deadlines *, struct deadline *);
void deadline_begin(struct deadlines *, struct deadline *);

/* An answer of LEN bytes waits for the client, until deadline_begin. */
void deadline_answer(struct deadlines *, struct deadline *, uint64_t len);

#endif
