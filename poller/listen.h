/*
 * listen: the listening sockets for an address of db/base/endpoint.h.
 */
#ifndef POLLER_LISTEN_H
#define POLLER_LISTEN_H

/* A name may stand for several addresses: localhost has one in each family. */
enum { LISTEN_MAX = 8 };

struct listening {
	int fds[LISTEN_MAX]; /* non-blocking */
	int n;
	int is_unix; /* a front's, which gives the clients' addresses */
};

/*
 * Listens on every address that ADDRESS stands for, with the same port, even
 * for port 0 (any).  A unix socket has mode 0660 and replaces a socket that no
 * process listens on.  0; -1: logged, and nothing is open.
 */
int listen_on(const char *address, struct listening *)
    __attribute__((warn_unused_result));

/* Logs each address with its real port. */
void listen_tell(const struct listening *, const char *address);

void listen_close(struct listening *);

#endif
