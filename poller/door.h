/*
 * door: accepts connections and deals them out, as many as there may be.
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
#ifndef POLLER_DOOR_H
#define POLLER_DOOR_H

#include <microhttpd.h>

#include "poller/listen.h"

struct door;

/* A door that lets in at most MOST connections at the same time; closed. */
struct door *door_make(unsigned most);

/* What libmicrohttpd's limit must be for that, with a pool of THREADS. */
unsigned door_limit(const struct door *, unsigned threads);

/* Begins to accept on the sockets, which are the door's from now on. */
void door_open(struct door *, struct MHD_Daemon *, const struct listening *);

/* One that was let in has gone; from any thread. */
void door_left(struct door *);

/* Takes no further connections. */
void door_close(struct door *);

/* When all have gone; NULL is allowed. */
void door_free(struct door *);

#endif
