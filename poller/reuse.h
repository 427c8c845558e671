/*
 * reuse: where a connection goes on when the hub has answered its request.
 *
 * Lent to the hub for as long as it runs, and used by its thread.
 */
#ifndef POLLER_REUSE_H
#define POLLER_REUSE_H

struct reuse {
	/* Whether a connection would be taken now: what its answer promises. */
	int (*possible)(void *arg);

	/* Takes over FD for further requests, or closes it. */
	void (*take)(void *arg, int fd);

	void *arg;
};

#endif
