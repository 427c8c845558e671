/*
 * loop: one epoll, and connections to the one server.  Each watched descriptor
 * has a source, whose function is called when something can be read.
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
 * A connection to the server, watched for S, from the Nth source address; -1
 * if the server is not there.  Closing it ends the watch.
 */
int loop_dial(struct loop *l, size_t n, struct source *s);

/* Watches FD, which can be waited for, for S. */
void loop_watch(const struct loop *l, int fd, struct source *s);

/*
 * Waits until something happens, or UNTIL; calls the sources that can be read.
 */
void loop_step(struct loop *l, int64_t until);

/* Sends all of it, and waits if it must; -1: the connection is broken. */
int send_all(int fd, const char *p, size_t len);

#endif
