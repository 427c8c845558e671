#include "poller/input.h"

#include <errno.h>
#include <sys/socket.h>

#include "api/http/problem.h"

enum { AT_ONCE = 4096, TIMES = 8 /* in one turn of the hub */ };

int
input_waits(const struct session *s)
{
	return s->unread &&
	    (s->protocol->input == NULL || !socket_pending(&s->socket));
}

static void
refuse(struct session *s, enum problem problem)
{
	struct buf data = BUF_INIT;

	buf_adds(&data, "{\"problem\":");
	problem_add_json(problem, &data);
	buf_addc(&data, '}');
	s->protocol->control(&s->socket.out, "refused", buf_str(&data));
	buf_done(&data);
}

/* After our own close frame nothing is answered. */
static void
take(struct session *s, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;
	struct buf message = BUF_INIT, ignored = BUF_INIT;
	enum protocol_said said = PROTOCOL_MESSAGE;

	while (said == PROTOCOL_MESSAGE) {
		said = s->protocol->input(&s->input, &at, end, &message,
		    s->closing ? &ignored : &s->socket.out);
		if (said == PROTOCOL_MESSAGE && !s->closing)
			refuse(s, PROBLEM_MALFORMED_REQUEST);
	}
	if (said == PROTOCOL_CLOSED) {
		s->closing = 1;
		s->lingers = 0;
	}
	buf_done(&message);
	buf_done(&ignored);
}

int
input_read(struct session *s, struct view *v)
{
	char bytes[AT_ONCE];
	ssize_t n = 1;

	(void)v;
	for (int i = 0; i < TIMES && input_waits(s); i++) {
		n = recv(s->socket.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0)
			return -1;
		if (n < 0) {
			s->unread = 0;
			return 0;
		}
		if (s->protocol->input != NULL)
			take(s, bytes, (size_t)n);
	}
	return 0;
}
