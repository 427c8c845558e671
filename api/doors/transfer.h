/*
 * transfer: a request and its answer, on a FastCGI connection of their own.
 *
 * It belongs to the thread of connections.h while the request arrives and the
 * answer leaves, and to a handler thread in between.
 */
#ifndef API_DOORS_TRANSFER_H
#define API_DOORS_TRANSFER_H

#include <sys/queue.h>

#include "api/doors/fastcgi.h"
#include "api/http/reply.h"

struct transfer {
	TAILQ_ENTRY(transfer) entry;
	int fd;
	int watched; /* in an epoll set */
	int64_t until; /* cut off then, lease ms */
	struct fastcgi_reader request;
	struct reply reply;
	int unsent; /* the reply could not be sent */
	struct buf out; /* the reply as records */
	size_t sent; /* bytes of OUT */
};

TAILQ_HEAD(transfer_list, transfer);

/* FD is closed with the connection. */
struct transfer *transfer_open(int fd);
void transfer_close(struct transfer *);

/* Puts the reply into OUT. */
void transfer_render(struct transfer *);

/*
 * Sends what the kernel takes of OUT, or of the reader's SAY; neither blocks.
 * -1: the peer is gone, or SAY does not fit.
 */
int transfer_send(struct transfer *);
int transfer_say(struct transfer *) __attribute__((warn_unused_result));

#endif
