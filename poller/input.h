/*
 * input: what a client sends on its stream.
 *
 * Most protocols have none, and its bytes are thrown away.  A session whose
 * own bytes wait for its socket, or who has asked for something that is still
 * on its way, is not read from: nobody sends faster than it is served.  For
 * the hub's thread.
 */
#ifndef POLLER_INPUT_H
#define POLLER_INPUT_H

#include "poller/session.h"

/* Whether there may be input that can be taken now. */
int input_waits(const struct session *);

/* Reads some of it; -1: the client has ended. */
int input_read(struct session *, struct view *)
    __attribute__((warn_unused_result));

#endif
