/*
 * input: reads a client's bytes on its stream.
 *
 * Most protocols take no input, and the client's bytes are discarded.  No input
 * is read from a session while bytes wait for its socket or its command is in
 * progress: a client cannot send faster than it is served.  For the hub's
 * thread.
 */
#ifndef POLLER_INPUT_H
#define POLLER_INPUT_H

#include "poller/commands.h"
#include "poller/departures.h"
#include "poller/session.h"

/* Whether there may be input that can be read now. */
int input_waits(const struct session *);

/* Reads some input; -1: the client has ended. */
int input_read(struct session *, struct view *)
    __attribute__((warn_unused_result));

/* The command of a session is done. */
void input_answered(struct command *);

/* Whether a command is still in progress: the session must stay until then. */
int input_is_busy(const struct session *);

/*
 * The session has been told everything so far: applies the outcome of its
 * command, and reads the input that followed it.  1: there was a command.
 */
int input_go_on(struct session *, struct view *, struct departures *);

/* The session ends; a room that its command has entered is left again. */
void input_abandon(struct session *, struct departures *);

#endif
