#include "api/doors/cgi.h"

#include <errno.h>
#include <unistd.h>

#include "api/http/params.h"

static const char *
variable(const char *name, void *arg)
{
	(void)arg;
	return getenv(name);
}

static int64_t
take(void *arg, char *to, size_t size)
{
	ssize_t n;

	(void)arg;
	do
		n = read(STDIN_FILENO, to, size);
	while (n < 0 && errno == EINTR);
	return n;
}

/*
 * Behind mod_cgid standard input is a socket: ending with bytes unread in it
 * would reset the connection, and the answer would be lost.
 */
static void
drain(const struct buf *body)
{
	enum { AT_MOST = 16 * 1024 * 1024 };
	char rest[65536];
	int64_t drained = 0, n = 1;

	if (body->len <= REQUEST_BODY_MAX)
		return;
	while (n > 0 && drained < AT_MOST) {
		n = take(NULL, rest, sizeof(rest));
		drained += n;
	}
}

static int
put(const struct buf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(STDOUT_FILENO, b->p + done, b->len - done);

		if (n < 0 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static struct reply
answer(const struct api *api, struct request *r, struct buf *body)
{
	int64_t length = params_length(variable, NULL);

	params_read(r, variable, NULL);
	if (length == -2 ||
	    (length != -1 && params_body(body, length, take, NULL) != 0))
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	/* Without a length the body ends with the input, if there is one. */
	if (length == -1 && r->method != METHOD_GET &&
	    params_body(body, length, take, NULL) != 0)
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	r->body = body->p;
	r->len = body->len;
	return api_handle(api, r);
}

int
cgi_serve(const struct api *api)
{
	struct buf body = BUF_INIT, head = BUF_INIT;
	struct request request = { 0 };
	struct reply reply = answer(api, &request, &body);
	int rc;

	drain(&body);
	params_add_head(&head, &reply);
	if (request.method != METHOD_HEAD)
		buf_add(&head, reply.body.p, reply.body.len);
	rc = put(&head);
	if (rc != 0)
		api_unsent(api, &reply);
	reply_done(&reply);
	buf_done(&head);
	buf_done(&body);
	return rc == 0 ? 0 : 1;
}
