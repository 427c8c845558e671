#include "api/doors/transfer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http/params.h"
#include "db/base/must.h"

struct transfer *
transfer_open(int fd)
{
	struct transfer *t = must_alloc(sizeof(*t));

	*t = (struct transfer){ .fd = fd };
	return t;
}

void
transfer_close(struct transfer *t)
{
	(void)close(t->fd);
	fastcgi_done(&t->request);
	reply_done(&t->reply);
	buf_done(&t->out);
	free(t);
}

void
transfer_render(struct transfer *t)
{
	const char *method = fastcgi_variable(&t->request, "REQUEST_METHOD");
	struct buf text = BUF_INIT;

	params_add_head(&text, &t->reply);
	if (method == NULL || request_method(method) != METHOD_HEAD)
		buf_add(&text, t->reply.body.p, t->reply.body.len);
	fastcgi_add_answer(&t->out, t->request.id, text.p, text.len);
	buf_done(&text);
}

static int
send_some(int fd, const struct buf *b, size_t *at)
{
	while (*at < b->len) {
		ssize_t n = send(
		    fd, b->p + *at, b->len - *at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		*at += (size_t)n;
	}
	return 0;
}

int
transfer_send(struct transfer *t)
{
	return send_some(t->fd, &t->out, &t->sent);
}

int
transfer_say(struct transfer *t)
{
	struct buf *b = &t->request.say;
	size_t sent = 0;
	int rc = send_some(t->fd, b, &sent);

	if (sent < b->len)
		rc = -1;
	buf_clear(b);
	return rc;
}
