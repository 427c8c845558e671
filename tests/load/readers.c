#include "tests/load/readers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/load/mark.h"
#include "tests/load/seen.h"
#include "tests/load/setup.h"

enum {
	OPENING_MAX = 128, /* streams that wait for their first frame */
	READ_MAX = 65536,
	WAIT_S = 30 /* for anything at all to happen */
};

enum state { STREAM_CLOSED, STREAM_HEAD, STREAM_OPEN, STREAM_READY };

struct reader {
	struct readers *all;
	struct seen *seen; /* of each publisher */
	uint32_t room;
	uint32_t heard;
};

struct stream {
	struct source source;
	struct reader reader;
	enum state state;
	int fd;
	int chunked;
	struct chunks chunks;
	struct text rest; /* a head or a frame that is not yet whole */
	int64_t due; /* when to open it again */
	char cursor[CURSOR_MAX]; /* only for opening again */
};

struct poll {
	struct conn conn;
	struct reader reader;
	char cursor[CURSOR_MAX];
};

struct readers {
	struct run *run;
	size_t n, dialed, ready;
	struct stream *streams;
	struct poll *polls;
};

static const char *
token(const struct readers *r, size_t i)
{
	const struct options *o = &r->run->o;
	size_t rooms = (size_t)o->rooms, people = (size_t)o->people;

	return r->run->rooms[i % rooms].tokens[i / rooms % people];
}

static void
hear(struct reader *r, const struct mark *m, int64_t now)
{
	struct run *run = r->all->run;

	if (m->room != r->room || m->publisher >= (uint32_t)run->o.posters) {
		run->counts.strayed++;
		return;
	}
	switch (seen_note(&r->seen[m->publisher], m->number)) {
	case SEEN_AGAIN:
		run->counts.duplicated++;
		return;
	case SEEN_LATE:
		run->counts.late++;
		break;
	case SEEN_NEW:
		break;
	}
	r->heard++;
	run->counts.heard++;
	if (run->awaited[m->publisher] > 0)
		run->awaited[m->publisher]--;
	histogram_add(&run->latency, now - m->time);
}

static void
hear_all(struct reader *r, const char *p, const char *end)
{
	int64_t now = now_ns();
	struct mark m;

	while ((p = mark_find(p, end, &m)) != NULL)
		hear(r, &m, now);
}

/* The last id in the whole frames. */
static void
keep_cursor(struct stream *s, const char *p, size_t len)
{
	static const char id[] = "\nid: ";
	const char *found = NULL, *at = p, *end = p + len;
	size_t n;

	if (len > 4 && memcmp(p, id + 1, 4) == 0)
		found = p + 4;
	while ((at = memmem(at, (size_t)(end - at), id, 5)) != NULL) {
		at += 5;
		found = at;
	}
	if (found == NULL)
		return;
	n = (size_t)((const char *)memchr(found, '\n', (size_t)(end - found)) -
	    found);
	if (n >= sizeof(s->cursor))
		give_up_because("a cursor", "is too long");
	memcpy(s->cursor, found, n);
	s->cursor[n] = '\0';
}

/* A stream that has just become ready goes on from where it began. */
static void
become_ready(struct stream *s, const char *frames, size_t len)
{
	struct readers *r = s->reader.all;
	const char *ready = r->run->o.dialect->ready;
	static const char from[] = "\"from\":\"";
	const char *at;

	if (memmem(frames, len, ready, strlen(ready)) == NULL)
		return;
	s->state = STREAM_READY;
	r->ready++;
	r->run->counts.opened++;
	at = memmem(frames, len, from, sizeof(from) - 1);
	if (r->run->o.retry_ms > 0 && at != NULL && s->cursor[0] == '\0') {
		size_t n = strcspn(at + sizeof(from) - 1, "\"");

		if (n >= sizeof(s->cursor))
			give_up_because("a cursor", "is too long");
		memcpy(s->cursor, at + sizeof(from) - 1, n);
		s->cursor[n] = '\0';
	}
}

/* Takes the whole frames in P; returns how many bytes they have. */
static size_t
take_frames(struct stream *s, const char *p, size_t len)
{
	const struct run *run = s->reader.all->run;

	while (len >= 2 && (p[len - 1] != '\n' || p[len - 2] != '\n'))
		len--;
	if (len < 2)
		return 0;
	if (s->state == STREAM_OPEN)
		become_ready(s, p, len);
	hear_all(&s->reader, p, p + len);
	if (run->o.retry_ms > 0)
		keep_cursor(s, p, len);
	return len;
}

static void
keep_rest(struct stream *s, const char *p, size_t len)
{
	struct text rest = { 0 };

	if (len > 0)
		text_add(&rest, p, len);
	text_done(&s->rest);
	s->rest = rest;
}

static void
take_body(struct stream *s, char *p, size_t len)
{
	size_t taken;

	if (s->chunked)
		len = chunks_decode(&s->chunks, p, len);
	if (s->rest.len == 0) {
		taken = take_frames(s, p, len);
		keep_rest(s, p + taken, len - taken);
		return;
	}
	text_add(&s->rest, p, len);
	taken = take_frames(s, s->rest.p, s->rest.len);
	if (taken > 0)
		keep_rest(s, s->rest.p + taken, s->rest.len - taken);
}

static void
put_off(struct stream *s)
{
	struct readers *r = s->reader.all;
	int64_t retry = r->run->o.retry_ms;

	if (retry == 0)
		give_up_because("a stream", "has ended");
	if (s->state == STREAM_READY)
		r->ready--;
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	s->state = STREAM_CLOSED;
	text_done(&s->rest);
	s->due = now_ns() + (retry + random() % retry) * NS_PER_MS;
}

static void
take_head(struct stream *s, const char *p, size_t len)
{
	struct head head;
	struct text body = { 0 };

	text_add(&s->rest, p, len);
	if (!head_read(&head, s->rest.p, s->rest.len))
		return;
	if (head.status != 200 && s->reader.all->run->o.retry_ms > 0) {
		put_off(s);
		return;
	}
	if (head.status != 200) {
		*text_more(&s->rest, 1) = '\0';
		give_up_because("a stream was refused", s->rest.p);
	}
	s->state = STREAM_OPEN;
	s->chunked = head.chunked;
	s->chunks = (struct chunks){ 0 };
	text_add(&body, s->rest.p + head.len, s->rest.len - head.len);
	text_done(&s->rest);
	take_body(s, body.p, body.len);
	text_done(&body);
}

static void
readable(struct source *source)
{
	static char data[READ_MAX];
	struct stream *s = (struct stream *)(void *)source;
	ssize_t n;

	if (s->fd < 0)
		return;
	n = recv(s->fd, data, READ_MAX, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		put_off(s);
		return;
	}
	s->reader.all->run->counts.bytes += (uint64_t)n;
	if (s->state == STREAM_HEAD)
		take_head(s, data, (size_t)n);
	else
		take_body(s, data, (size_t)n);
}

static void
open_stream(struct readers *r, size_t i)
{
	struct stream *s = &r->streams[i];
	struct ask a = { .room = r->run->rooms[s->reader.room].name,
		.token = token(r, i),
		.cursor = s->cursor };
	char request[REQUEST_MAX];
	size_t len = r->run->o.dialect->stream(request, &a);

	s->state = STREAM_HEAD;
	s->fd = loop_dial(&r->run->loop, i, &s->source);
	if (s->fd < 0 || send_all(s->fd, request, len) != 0)
		put_off(s);
}

static void
poll_again(struct poll *p)
{
	struct readers *r = p->reader.all;
	struct ask a = { .room = r->run->rooms[p->reader.room].name,
		.token = token(r, (size_t)(p - r->polls)),
		.cursor = p->cursor };
	char request[REQUEST_MAX];
	size_t len = r->run->o.dialect->poll(request, &a);

	r->run->counts.dials += p->conn.fd < 0;
	conn_ask(&p->conn, request, len);
}

static void
polled(struct conn *c, int status, const char *body)
{
	struct poll *p = (struct poll *)(void *)c;
	struct run *run = p->reader.all->run;
	struct counts *counts = &run->counts;

	if (status != 200)
		give_up_because("a poll was refused", body);
	counts->bytes += c->in.len;
	counts->answers++;
	hear_all(&p->reader, body, c->in.p + c->in.len);
	if (!run->o.dialect->next(p->cursor, c->in.p, body))
		give_up_because("a poll has no cursor", body);
	poll_again(p);
}

static struct reader
reader(struct readers *r, size_t i)
{
	const struct options *o = &r->run->o;

	return (struct reader){ .all = r,
		.seen = need((size_t)o->posters, sizeof(struct seen)),
		.room = (uint32_t)(i % (size_t)o->rooms) };
}

static void
open_next(struct readers *r)
{
	size_t i = r->dialed++;

	if (r->polls != NULL) {
		struct poll *p = &r->polls[i];

		p->reader = reader(r, i);
		conn_init(&p->conn, &r->run->loop, i);
		p->conn.answered = polled;
		memcpy(p->cursor, r->run->rooms[p->reader.room].cursor,
		    CURSOR_MAX);
		r->ready++;
		poll_again(p);
		return;
	}
	r->streams[i].reader = reader(r, i);
	r->streams[i].source.readable = readable;
	open_stream(r, i);
}

struct readers *
readers_open(struct run *run)
{
	struct readers *r = need(1, sizeof(*r));
	int64_t until = now_ns() + WAIT_S * NS_PER_S;
	size_t before = 0;

	r->run = run;
	r->n = (size_t)(run->o.rooms * run->o.readers);
	if (run->o.mode == MODE_POLLS)
		r->polls = need(r->n, sizeof(*r->polls));
	else
		r->streams = need(r->n, sizeof(*r->streams));
	while (r->ready < r->n) {
		while (r->dialed < r->n && r->dialed - r->ready < OPENING_MAX)
			open_next(r);
		if (r->ready < r->n)
			loop_step(&run->loop, until);
		if (r->ready > before) {
			until = now_ns() + WAIT_S * NS_PER_S;
			before = r->ready;
		} else if (now_ns() >= until)
			give_up_because("opening streams", "nothing happens");
	}
	return r;
}

void
readers_tick(struct readers *r, int64_t now)
{
	for (size_t i = 0; r->ready < r->n && i < r->n; i++)
		if (r->streams != NULL &&
		    r->streams[i].state == STREAM_CLOSED &&
		    r->streams[i].due <= now) {
			r->run->counts.reopened++;
			open_stream(r, i);
		}
}

size_t
readers_ready(const struct readers *r)
{
	return r->ready;
}

uint64_t
readers_lost(const struct readers *r)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct reader *one = r->polls != NULL ?
		    &r->polls[i].reader :
		    &r->streams[i].reader;
		uint32_t want = r->run->rooms[one->room].acknowledged;

		lost += want > one->heard ? want - one->heard : 0;
	}
	return lost;
}
