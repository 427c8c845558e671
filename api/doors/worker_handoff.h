/*
 * worker_handoff: what a worker is given by the supervisor that starts it.
 *
 * A worker is the program itself, executed anew, so that it reads settings
 * and binary as they are now.  It is handed descriptors, named in
 * PARLOR_HANDOFF of its environment: the listening socket, the memory of its
 * pulse, and a pipe that takes one byte when it serves.
 */
#ifndef API_DOORS_WORKER_HANDOFF_H
#define API_DOORS_WORKER_HANDOFF_H

struct worker_handoff {
	int socket; /* listens; -1: CGI */
	int memory; /* of a struct pulse; -1: nobody looks at it */
	int ready; /* -1: nobody waits for it */
};

/* In the child that is to be a worker of this process, before it executes. */
void worker_handoff_hand(const struct worker_handoff *, int supervisor);

/* 1 in a worker that has not taken its handoff yet. */
int worker_handoff_is_handed(void);

/*
 * In any process that starts: 1 when it is a worker, and what it was handed is
 * filled in.  It gets SIGTERM when its supervisor ends, however that ends.
 * 0: it is none.  -1: PARLOR_HANDOFF is no supervisor's; logged.
 */
int worker_handoff_take(struct worker_handoff *)
    __attribute__((warn_unused_result));

/* Tells the supervisor that requests are being served. */
void worker_handoff_ready(struct worker_handoff *);

#endif
