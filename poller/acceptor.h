/*
 * acceptor: accepts connections and deals them out, as many as there may be.
 *
 * Left to itself every thread of libmicrohttpd's pool accepts what it can, so
 * that the connections of a busy moment pile up on a few threads, and there
 * each waits for the commits of the others.  Dealt out they are all served at
 * the same time, and share their commits.
 *
 * A thread of libmicrohttpd 0.9.75 that gets one connection more than its
 * limit closes it and stands still from then on, and what is queued for a
 * thread does not count for the one who deals.  So the door counts, and lets
 * nobody in who would meet that limit: who comes when it is full waits in the
 * backlog until another has gone.
 */
#ifndef POLLER_ACCEPTOR_H
#define POLLER_ACCEPTOR_H

#include <microhttpd.h>

#include "poller/listen.h"

struct acceptor;

/* A door that lets in at most MOST connections at the same time; closed. */
struct acceptor *acceptor_make(unsigned most);

/* What libmicrohttpd's limit must be for that, with a pool of THREADS. */
unsigned acceptor_limit(const struct acceptor *, unsigned threads);

/* Begins to accept on the sockets, which are the door's from now on. */
void acceptor_open(
    struct acceptor *, struct MHD_Daemon *, const struct listening *);

/* One that was let in has gone; from any thread. */
void acceptor_left(struct acceptor *);

/* Takes no further connections. */
void acceptor_close(struct acceptor *);

/* When all have gone; NULL is allowed. */
void acceptor_free(struct acceptor *);

#endif
