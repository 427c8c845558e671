/*
 * worker_handoff: where a process gets its requests from, and what it has from the
 * supervisor that started it.
 *
 * A worker is the program itself, executed anew, so that it reads settings
 * and binary as they are now.  What is handed to it are descriptors, named
 * in PARLOR_POST of its environment: the listening socket, the memory of its
 * pulse, and a pipe that hears one byte when it serves.
 */
#ifndef API_DOORS_WORKER_HANDOFF_H
#define API_DOORS_WORKER_HANDOFF_H

#include "api/doors/request_timeout.h"

struct worker_handoff {
	int socket; /* listens; -1: CGI */
	int memory; /* of a struct pulse; -1: nobody looks at it */
	int ready; /* -1: nobody waits for it */
};

/* New memory for a pulse that nobody can make smaller; -1 with errno. */
int worker_handoff_memory(void);

/* The pulse in MEMORY; NULL with errno. */
struct pulse *worker_handoff_map(int memory);
void worker_handoff_unmap(struct pulse *);

/* In the child that is to be a worker of this process, before it executes. */
void worker_handoff_hand(const struct worker_handoff *, int supervisor);

/* 1 in a worker that has not taken its post yet. */
int worker_handoff_is_handed(void);

/*
 * In any process that starts: 1 when it is a worker, and POST is what it was
 * handed.  It gets SIGTERM when its supervisor ends, however that ends.
 * 0: it is none.  -1: PARLOR_POST is not what a supervisor said; logged.
 */
int worker_handoff_take(struct worker_handoff *)
    __attribute__((warn_unused_result));

/* Tells who waits for it that requests are being served. */
void worker_handoff_ready(struct worker_handoff *);

#endif
