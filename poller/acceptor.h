/*
 * acceptor: accepts connections and deals them out to libmicrohttpd's threads.
 *
 * Otherwise every thread of the pool would accept as many connections as it
 * can, so that a burst of connections would pile up on a few threads.
 *
 * A thread of libmicrohttpd 0.9.75 that gets one connection more than its
 * limit closes it and never serves again, and connections queued for a thread
 * do not count.  So the acceptor counts, and never reaches that limit: further
 * clients wait in the backlog until a connection has ended.
 */
#ifndef POLLER_ACCEPTOR_H
#define POLLER_ACCEPTOR_H

#include <microhttpd.h>

#include "poller/connection_quota.h"
#include "poller/listen.h"
#include "poller/reuse.h"

struct acceptor;

/*
 * Serves at most MOST connections at the same time, and of an address what the
 * quota allows; closes others at once.  Accepts none yet.
 */
struct acceptor *acceptor_make(unsigned most, struct connection_quota *);

/* The limit to give libmicrohttpd for that, with a pool of THREADS. */
unsigned acceptor_limit(const struct acceptor *, unsigned threads);

/* Begins to accept on the sockets, which the acceptor owns from now on. */
void acceptor_open(
    struct acceptor *, struct MHD_Daemon *, const struct listening *);

/* A connection from ADDRESS (client_addr.h) has ended; from any thread. */
void acceptor_left(struct acceptor *, uint64_t address);

/*
 * Where the hub gives connections back; lent.  Until acceptor_close they are
 * libmicrohttpd's again, if there is a place; any other is closed.
 */
const struct reuse *acceptor_reuse(struct acceptor *);

/* Accepts no further connections. */
void acceptor_close(struct acceptor *);

/* Call when all connections have ended; NULL is allowed. */
void acceptor_free(struct acceptor *);

#endif
