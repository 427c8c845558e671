#include "tests/load/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_MAX = 16384 };

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes one byte of chunk framing. */
static void
chunk_byte(struct chunks *c, char byte)
{
	int digit = hex(byte);

	if (c->state == CHUNK_GAP) {
		if (byte == '\n')
			*c = (struct chunks){ 0 };
		return;
	}
	if (c->state == CHUNK_SIZE && digit >= 0)
		c->left = c->left * 16 + (size_t)digit;
	else if (byte == '\n')
		c->state = c->left > 0 ? CHUNK_DATA : CHUNK_END;
	else
		c->state = CHUNK_REST;
}

size_t
chunks_decode(struct chunks *c, char *p, size_t len)
{
	size_t to = 0, i = 0;

	while (i < len && c->state != CHUNK_END) {
		size_t n = len - i < c->left ? len - i : c->left;

		if (c->state != CHUNK_DATA) {
			chunk_byte(c, p[i++]);
			continue;
		}
		memmove(p + to, p + i, n);
		to += n;
		i += n;
		c->left -= n;
		if (c->left == 0)
			c->state = CHUNK_GAP;
	}
	return to;
}

static void
head_line(struct head *h, const char *line, size_t len)
{
	static const char length[] = "Content-Length:";
	static const char encoding[] = "Transfer-Encoding: chunked";
	static const char closing[] = "Connection: close";

	if (strncasecmp(line, length, sizeof(length) - 1) == 0)
		h->length = strtol(line + sizeof(length) - 1, NULL, 10);
	else if (len == sizeof(encoding) - 1 &&
	    strncasecmp(line, encoding, len) == 0)
		h->chunked = 1;
	else if (len == sizeof(closing) - 1 &&
	    strncasecmp(line, closing, len) == 0)
		h->closes = 1;
}

int
head_read(struct head *h, const char *p, size_t len)
{
	static const char version[] = "HTTP/1.1 ";
	const char *end = memmem(p, len, "\r\n\r\n", 4), *line = p, *next;

	if (end == NULL)
		return 0;
	*h = (struct head){ .len = (size_t)(end - p) + 4, .length = -1 };
	if (strncmp(p, version, sizeof(version) - 1) != 0)
		give_up_because("the server", "does not speak HTTP/1.1");
	h->status = (int)strtol(p + sizeof(version) - 1, NULL, 10);
	for (; line < end; line = next + 2) {
		next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		head_line(h, line, (size_t)(next - line));
	}
	return 1;
}

void
conn_close(struct conn *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

static void
answer(struct conn *c, int status)
{
	const char *body = "";

	c->asking = 0;
	if (status == 0 || c->head.closes ||
	    (c->head.length < 0 && !c->head.chunked))
		conn_close(c);
	if (status != 0) {
		*text_more(&c->in, 1) = '\0';
		body = c->in.p + c->head.len;
	}
	c->answered(c, status, body);
}

/* The bytes from FROM on in IN are new. */
static void
take(struct conn *c, size_t from)
{
	if (!c->has_head) {
		if (!head_read(&c->head, c->in.p, c->in.len))
			return;
		c->has_head = 1;
		c->chunks = (struct chunks){ 0 };
		from = c->head.len;
	}
	if (c->head.chunked)
		c->in.len = from +
		    chunks_decode(&c->chunks, c->in.p + from, c->in.len - from);
	if (c->head.chunked ? c->chunks.state == CHUNK_END :
			      c->head.length >= 0 &&
		    c->in.len - c->head.len >= (size_t)c->head.length)
		answer(c, c->head.status);
}

/* A body without a length lasts until the connection ends. */
static void
ended(struct conn *c)
{
	int whole =
	    c->asking && c->has_head && !c->head.chunked && c->head.length < 0;

	if (c->asking)
		answer(c, whole ? c->head.status : 0);
	else
		conn_close(c);
}

static void
readable(struct source *s)
{
	struct conn *c = (struct conn *)(void *)s;
	size_t from = c->in.len;
	ssize_t n;

	if (c->fd < 0)
		return;
	n = recv(c->fd, text_more(&c->in, READ_MAX), READ_MAX, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		ended(c);
		return;
	}
	if (!c->asking)
		give_up_because("the server", "speaks without being asked");
	c->in.len += (size_t)n;
	take(c, from);
}

void
conn_init(struct conn *c, struct loop *loop, size_t n)
{
	c->source.readable = readable;
	c->loop = loop;
	c->n = n;
	c->fd = -1;
}

void
conn_ask(struct conn *c, const char *request, size_t len)
{
	c->asking = 1;
	c->has_head = 0;
	c->in.len = 0;
	if (c->fd < 0)
		c->fd = loop_dial(c->loop, c->n, &c->source);
	if (c->fd < 0 || send_all(c->fd, request, len) != 0)
		answer(c, 0);
}
