#include "poller/http_connection.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "db/base/must.h"
#include "poller/deadline.h"

struct http_connection {
	int fd;
	struct deadlines *deadlines;
	struct deadline *deadline;
	int64_t requests; /* bytes received before and with whole requests */
	size_t body; /* of the current request */
};

enum { NOT_TCP = -1, UNKNOWN = -2 };

/* Bytes that the kernel has ever received on the connection. */
static int64_t
received(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	size_t end = offsetof(struct tcp_info, tcpi_bytes_received) +
	    sizeof(info.tcpi_bytes_received);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return errno == EOPNOTSUPP ? NOT_TCP : UNKNOWN;
	return len >= end ? (int64_t)info.tcpi_bytes_received : UNKNOWN;
}

static int64_t
unread(int fd)
{
	int bytes = 0;

	return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

/*
 * What has been read is the difference of two numbers that are asked for one
 * after the other.  Bytes that arrive in between must not hide others: here they
 * make the result too small, and in http_connection_is_even too large.
 */
static int64_t
read_before(int fd)
{
	int64_t all = received(fd);

	return all < 0 ? 0 : all - unread(fd);
}

struct http_connection *
http_connection_open(int fd, struct deadlines *deadlines)
{
	struct http_connection *c = must_alloc(sizeof(*c));

	c->fd = fd;
	c->requests = read_before(fd);
	c->deadlines = deadlines;
	c->deadline = deadline_add(deadlines, fd);
	return c;
}

void
http_connection_close(struct http_connection *c)
{
	if (c == NULL)
		return;
	deadline_remove(c->deadlines, c->deadline);
	free(c);
}

struct http_connection *
http_connection_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

struct deadline *
http_connection_deadline(const struct http_connection *c)
{
	return c->deadline;
}

void
http_connection_add_body(struct http_connection *c, size_t n)
{
	c->body += n;
}

/* The bytes of the current request; UNKNOWN: it has chunks. */
static int64_t
length(const struct http_connection *c, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	if (info == NULL ||
	    MHD_lookup_connection_value(mhd, MHD_HEADER_KIND,
		MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
		return UNKNOWN;
	return (int64_t)(info->header_size + c->body);
}

void
http_connection_next(struct http_connection *c, struct MHD_Connection *mhd)
{
	int64_t n = length(c, mhd);

	/* Otherwise the sum is too small from now on: never even again. */
	if (n != UNKNOWN)
		c->requests += n;
	c->body = 0;
}

int
http_connection_is_even(
    const struct http_connection *c, struct MHD_Connection *mhd)
{
	int64_t waiting = unread(c->fd), all = received(c->fd);
	int64_t n = length(c, mhd);

	if (all == NOT_TCP)
		return 1;
	return all != UNKNOWN && n != UNKNOWN &&
	    all - waiting == c->requests + n;
}
