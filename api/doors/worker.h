/*
 * worker: a process that serves the supervisor's socket.
 *
 * A worker is this program, executed anew from PROGRAM, where a new version may
 * have been installed meanwhile; worker_handoff.h says what the worker is
 * given.
 */
#ifndef API_DOORS_WORKER_H
#define API_DOORS_WORKER_H

#include <sys/types.h>

#include "api/doors/pulse.h"

struct worker {
	pid_t pid;
	int ready; /* to read the byte from; -1: read already */
	struct pulse *pulse;
};

/*
 * Starts a worker with ARGV on the listening SOCKET.  SIGCHLD is unblocked in
 * the worker, and SIGTERM stays blocked until it can end cleanly.  0; -1:
 * logged.
 */
int worker_start(struct worker *, const char *program, char **argv, int socket)
    __attribute__((warn_unused_result));

/* Whether the worker has reported, since the last call, that it serves. */
int worker_has_begun(struct worker *);

/* After the process has ended: releases what was kept for it. */
void worker_close(struct worker *);

#endif
