/*
 * subscribe: adds rooms to an open stream and removes them.
 *
 * A room is entered as by a request: rights, presence, and where to go on are
 * the same.  The room's events since then are in the answer, after everything
 * that the stream was sent before, so that the answer's cursor is the stream's.
 */
#ifndef POLLER_SUBSCRIBE_H
#define POLLER_SUBSCRIBE_H

#include "poller/commands.h"
#include "poller/departures.h"
#include "poller/session.h"

/* In the hub's thread: applies the outcome of the command, and answers it. */
void subscribe_apply(
    struct session *, struct view *, struct departures *, struct command *);

/* Tells the client; ROOM is the client's spelling of it, NULL: unknown. */
void subscribe_refuse(struct session *, const struct buf *room, enum problem);

#endif
