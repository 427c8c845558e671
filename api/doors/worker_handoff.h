/*
 * worker_handoff: passes descriptors from the supervisor to a worker.
 *
 * A worker is the program itself, executed anew, so that it reads settings and
 * binary as they are now.  It inherits descriptors, named in PARLOR_HANDOFF of
 * its environment: the listening socket, the memory of its pulse, and a pipe to
 * which it writes one byte when it serves.
 */
#ifndef API_DOORS_WORKER_HANDOFF_H
#define API_DOORS_WORKER_HANDOFF_H

struct worker_handoff {
	int socket; /* listens; -1: CGI */
	int memory; /* of a struct pulse; -1: nobody reads it */
	int ready; /* -1: no supervisor waits for it */
};

/*
 * In the child that is to become a worker of this process, before it executes.
 */
void worker_handoff_hand(const struct worker_handoff *, int supervisor);

/* 1 in a worker that has not taken its handoff yet. */
int worker_handoff_is_handed(void);

/*
 * In any process that starts: 1 when it is a worker; the handoff is then filled
 * in.  The worker gets SIGTERM when its supervisor ends, however that ends.  0:
 * it is no worker.  -1: PARLOR_HANDOFF does not come from a supervisor; logged.
 */
int worker_handoff_take(struct worker_handoff *)
    __attribute__((warn_unused_result));

/* Tells the supervisor that requests are being served. */
void worker_handoff_ready(struct worker_handoff *);

#endif
