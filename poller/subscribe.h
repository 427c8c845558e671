/*
 * subscribe: rooms that come and go on a stream that is open.
 *
 * A room is entered as by a request: rights, presence, and where to go on are
 * the same.  What has happened in it since then is told in the answer, behind
 * all that the stream was told before, so that the answer's cursor is the
 * stream's.
 */
#ifndef POLLER_SUBSCRIBE_H
#define POLLER_SUBSCRIBE_H

#include "poller/commands.h"
#include "poller/departures.h"
#include "poller/session.h"

/* In the hub's thread: what the command has come to, with its answer. */
void subscribe_apply(
    struct session *, struct view *, struct departures *, struct command *);

/* Tells the client; ROOM is what it called it, NULL: unknown. */
void subscribe_refuse(struct session *, const struct buf *room, enum problem);

#endif
