/*
 * delivery: writes a session's next frames, from the ring or the store.
 *
 * A session that the ring has run past reads the store, in portions, until the
 * ring goes back to its cursor: one path for backlog, resume and slow clients.
 * For the hub's thread.
 */
#ifndef POLLER_DELIVERY_H
#define POLLER_DELIVERY_H

#include "poller/session.h"

/* Writes everything that is there, but only one portion from the store. */
enum flushed delivery_flush(struct session *, struct view *);

#endif
