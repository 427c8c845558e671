/*
 * acceptor: accepts connections and deals them out to libmicrohttpd's threads.
 *
 * Left to itself every thread of the pool accepts what it can, so that the
 * connections of a busy moment pile up on a few threads, and each waits there
 * for the commits of the others.  Dealt out evenly they are served at the same
 * time, and share their commits.
 *
 * A thread of libmicrohttpd 0.9.75 that gets one connection more than its
 * limit closes it and never serves again, and connections queued for a thread
 * do not count.  So the acceptor counts, and never reaches that limit: further
 * clients wait in the backlog until a connection has ended.
 */
#ifndef POLLER_ACCEPTOR_H
#define POLLER_ACCEPTOR_H

#include <microhttpd.h>

#include "poller/listen.h"

struct acceptor;

/* For at most MOST connections at the same time; accepts none yet. */
struct acceptor *acceptor_make(unsigned most);

/* What libmicrohttpd's limit must be for that, with a pool of THREADS. */
unsigned acceptor_limit(const struct acceptor *, unsigned threads);

/* Begins to accept on the sockets, which are the acceptor's from now on. */
void acceptor_open(
    struct acceptor *, struct MHD_Daemon *, const struct listening *);

/* A connection has ended; from any thread. */
void acceptor_left(struct acceptor *);

/* Takes no further connections. */
void acceptor_close(struct acceptor *);

/* When all connections have ended; NULL is allowed. */
void acceptor_free(struct acceptor *);

#endif
