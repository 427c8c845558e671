/*
 * loop: one epoll; each descriptor that is watched has a source, whose
 * function is called when something can be read.  And connecting to the one
 * server.
 */
#ifndef TESTS_LOAD_LOOP_H
#define TESTS_LOAD_LOOP_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct source {
	void (*readable)(struct source *s);
};

struct loop {
	int epoll;
	struct sockaddr_in server;
	size_t addresses; /* of 127.0.0.0/8 to connect from */
};

/* SERVER is an address and a port, "127.0.0.1:8080". */
void loop_open(struct loop *l, const char *server, size_t connections);

/*
 * A connection to the server, watched for S, from the Nth source address;
 * -1 when the server is not there.  Closing it ends the watch.
 */
int loop_dial(struct loop *l, size_t n, struct source *s);

/* Waits until something happened, or UNTIL; calls what can be read. */
void loop_step(struct loop *l, int64_t until);

/* All of it leaves, though that may take waiting; -1: it is broken. */
int send_all(int fd, const char *p, size_t len);

#endif
