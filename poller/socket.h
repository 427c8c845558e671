/*
 * socket: the connection of a session, and the bytes that wait for it.
 *
 * OUT holds bytes that cannot wait elsewhere: control frames, a replayed
 * portion, the rest of a frame that the kernel took in part.  For the hub's
 * thread.
 */
#ifndef POLLER_SOCKET_H
#define POLLER_SOCKET_H

#include <sys/types.h>
#include <sys/uio.h>

#include "db/base/buf.h"
#include "poller/progress.h"
#include "poller/view.h"

enum { SOCKET_STALL_MS = 30000 /* a stalled client is closed after that */ };

struct socket {
	int fd;
	int64_t wrote; /* lease ms of the last write */
	struct buf out;
	size_t done; /* bytes of OUT that have left */
	struct progress progress; /* its marks are in OUT */
};

enum flushed {
	FLUSHED_ALL, /* wait for events */
	FLUSHED_BLOCKED, /* wait for the socket */
	FLUSHED_BEHIND, /* there is more to replay: come again soon */
	FLUSHED_END /* close it */
};

/* Sets the options of a connected socket. */
void socket_tune(int fd, const struct settings *);

/* Frees the buffers, and closes the descriptor or returns it. */
void socket_close(struct socket *);
int socket_release(struct socket *);

/* Whether bytes wait. */
int socket_pending(const struct socket *);

/* Writes some of IOV; gives the bytes taken, 0: it would block, -1: closed. */
ssize_t socket_write(struct socket *, struct view *, struct iovec *iov,
    size_t n) __attribute__((warn_unused_result));

/* Writes OUT: FLUSHED_ALL, BLOCKED or END. */
enum flushed socket_flush(struct socket *, struct view *);

#endif
