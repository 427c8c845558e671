#include "poller/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

void
socket_tune(int fd, const struct settings *settings)
{
	int on = 1, size = (int)settings->sndbuf;
	int unacknowledged = SOCKET_STALL_MS;

	/* A unix socket has no such options. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged,
	    sizeof(unacknowledged));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

int
socket_release(struct socket *s)
{
	buf_done(&s->out);
	progress_clear(&s->progress);
	return s->fd;
}

void
socket_close(struct socket *s)
{
	(void)close(socket_release(s));
}

int
socket_pending(const struct socket *s)
{
	return s->done < s->out.len;
}

static int
would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

ssize_t
socket_write(struct socket *s, struct view *v, struct iovec *iov, size_t n)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = n };
	int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
	/* Most deliveries are a single frame, and this call is cheaper. */
	ssize_t sent = n == 1 ?
	    send(s->fd, iov->iov_base, iov->iov_len, flags) :
	    sendmsg(s->fd, &m, flags);

	if (sent < 0)
		return would_block() ? 0 : -1;
	s->wrote = v->now;
	atomic_fetch_add_explicit(
	    &v->bytes, (uint64_t)sent, memory_order_relaxed);
	return sent;
}

enum flushed
socket_flush(struct socket *s, struct view *v)
{
	while (s->done < s->out.len) {
		struct iovec iov = { s->out.p + s->done, s->out.len - s->done };
		ssize_t sent = socket_write(s, v, &iov, 1);

		if (sent <= 0)
			return sent < 0 ? FLUSHED_END : FLUSHED_BLOCKED;
		s->done += (size_t)sent;
		progress_pass(&s->progress, v->delivered, s->done);
	}
	/* An idle stream keeps no buffer. */
	buf_done(&s->out);
	s->done = 0;
	progress_clear(&s->progress);
	return FLUSHED_ALL;
}
