#include "poller/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "db/base/must.h"
#include "poller/subscribe.h"

enum { AT_ONCE = 4096, TIMES = 8 /* in one turn of the hub */ };

int
input_waits(const struct session *s)
{
	/* They are the connection's next request. */
	if (session_is_answer(s) && s->answer->reuse != NULL)
		return 0;
	return s->unread &&
	    (s->inbound == NULL ||
		(!socket_pending(&s->socket) && s->inbound->command == NULL));
}

int
input_is_busy(const struct session *s)
{
	return s->inbound != NULL && s->inbound->command != NULL &&
	    !s->inbound->command->answered;
}

void
input_answered(struct command *c)
{
	c->answered = 1;
}

static struct command *
make(struct session *s, const struct buf *message, const char *rest, size_t len)
{
	struct command *c = must_alloc(sizeof(*c));

	c->session = s;
	c->sub.user = s->inbound->user;
	c->sub.slot = s->socket.progress.slot;
	memcpy(c->sub.conn, s->inbound->conn, strlen(s->inbound->conn) + 1);
	buf_add(&c->message, buf_str(message), message->len);
	buf_add(&c->rest, rest, len);
	return c;
}

/* 1: the command has been posted. */
static int
post(struct session *s, struct view *v, struct command *c)
{
	enum problem why = PROBLEM_BUSY;

	if (v->commands != NULL && commands_post(v->commands, c) == 0) {
		s->inbound->command = c;
		return 1;
	}
	subscribe_refuse(s, NULL, why);
	commands_free(c);
	return 0;
}

/* After our own close frame nothing is answered. */
static void
take(struct session *s, struct view *v, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;
	struct buf message = BUF_INIT, ignored = BUF_INIT;
	enum protocol_said said = PROTOCOL_MESSAGE;

	while (said == PROTOCOL_MESSAGE) {
		said = s->protocol->input(&s->inbound->unfinished, &at, end,
		    &message, s->closing ? &ignored : &s->socket.out);
		if (said == PROTOCOL_MESSAGE && !s->closing &&
		    post(s, v, make(s, &message, at, (size_t)(end - at))))
			break;
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

	for (int i = 0; i < TIMES && input_waits(s); i++) {
		n = recv(s->socket.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0)
			return -1;
		if (n < 0) {
			s->unread = 0;
			return 0;
		}
		if (s->inbound != NULL)
			take(s, v, bytes, (size_t)n);
	}
	return 0;
}

int
input_go_on(struct session *s, struct view *v, struct departures *departures)
{
	struct command *c = s->inbound != NULL ? s->inbound->command : NULL;

	if (c == NULL || !c->answered)
		return 0;
	s->inbound->command = NULL;
	subscribe_apply(s, v, departures, c);
	if (c->rest.len > 0)
		take(s, v, c->rest.p, c->rest.len);
	commands_free(c);
	return 1;
}

void
input_abandon(struct session *s, struct departures *departures)
{
	struct command *c = s->inbound != NULL ? s->inbound->command : NULL;

	if (c == NULL)
		return;
	s->inbound->command = NULL;
	if (c->outcome == COMMAND_ENTERED && departures != NULL)
		departures_left(
		    departures, c->sub.seats[0].presence, c->sub.cursor);
	commands_free(c);
}
