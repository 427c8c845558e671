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

void
socket_drop(struct socket *s)
{
	buf_done(&s->out);
	s->done = 0;
	s->due = 0;
	progress_clear(&s->progress);
}

int
socket_release(struct socket *s)
{
	socket_drop(s);
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

size_t
socket_held(const struct socket *s)
{
	return socket_pending(s) ? s->out.room : 0;
}

int
socket_set_due(struct socket *s, const struct view *v)
{
	enum { MS_PER_S = 1000 };
	int64_t rate = v->settings->answer_bytes_s;

	if (s->due != 0 || rate == 0)
		return 0;
	s->due = v->now + v->settings->request_deadline_ms +
	    (int64_t)(s->out.len - s->done) * MS_PER_S / rate;
	return 1;
}

int
socket_is_late(const struct socket *s, int64_t now)
{
	if (!socket_pending(s))
		return 0;
	return now - s->wrote >= SOCKET_STALL_MS ||
	    (s->due != 0 && now >= s->due);
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
	socket_drop(s);
	return FLUSHED_ALL;
}
