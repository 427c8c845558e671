/*
 * stream_command: carries out a client's command on its stream.  It makes the
 * checks and writes of a request: see api/feed/command.h.
 */
#ifndef POLLER_STREAM_COMMAND_H
#define POLLER_STREAM_COMMAND_H

#include "poller/commands.h"

/* The fn of a command_handler; ARG is the struct service. */
void stream_command_run(void *arg, struct db *, struct command *);

#endif
