/*
 * input: what a client sends on its stream.
 *
 * Most protocols have none, and its bytes are thrown away.  A session whose own
 * bytes wait for its socket, or whose command is on its way, is not read from:
 * nobody sends faster than it is served.  For the hub's thread.
 */
#ifndef POLLER_INPUT_H
#define POLLER_INPUT_H

#include "poller/commands.h"
#include "poller/departures.h"
#include "poller/session.h"

/* Whether there may be input that can be taken now. */
int input_waits(const struct session *);

/* Reads some of it; -1: the client has ended. */
int input_read(struct session *, struct view *)
    __attribute__((warn_unused_result));

/* The command of a session has been done. */
void input_answered(struct command *);

/* Whether a command is still on its way: the session must stay. */
int input_is_busy(const struct session *);

/*
 * The session has been told everything so far: carries out what its command
 * has come to, and reads what the client sent behind it.  1: there was one.
 */
int input_go_on(struct session *, struct view *, struct departures *);

/* The session ends; a room that its command has entered is left. */
void input_abandon(struct session *, struct departures *);

#endif
