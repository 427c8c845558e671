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
	size_t counted; /* by poller/request_quota.h */
	int64_t due; /* lease ms, when all of OUT must have left; 0: not set */
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

/* Gives up the bytes that wait. */
void socket_drop(struct socket *);

/* Whether bytes wait. */
int socket_pending(const struct socket *);

/* Writes some of IOV; gives the bytes taken, 0: it would block, -1: closed. */
ssize_t socket_write(struct socket *, struct view *, struct iovec *iov,
    size_t n) __attribute__((warn_unused_result));

/* The memory for bytes that wait; 0: none do. */
size_t socket_held(const struct socket *);

/*
 * When bytes have come to wait: sets when they must have left, at the pace of
 * answer_bytes_s.  1: it has not been set before.
 */
int socket_set_due(struct socket *, const struct view *);

/*
 * Whether the client has taken nothing for SOCKET_STALL_MS, or what waits for
 * it is overdue.
 */
int socket_is_late(const struct socket *, int64_t now);

/* Writes OUT: FLUSHED_ALL, BLOCKED or END. */
enum flushed socket_flush(struct socket *, struct view *);

#endif
