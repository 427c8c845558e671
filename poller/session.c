#include "poller/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "api/feed/wire.h"
#include "poller/stream_head.h"

enum {
	LINGER_MS = 2000, /* for the client's half of a close */
	LIFE_JITTER = 10 /* a stream lives up to a tenth longer */
};

int
session_is_answer(const struct session *s)
{
	return s->answer != NULL;
}

/*
 * The head of an answer is written later: it holds the length, if there is one.
 */
static void
begin(struct session *s, const struct subscription *sub,
    const struct buf *begun, const struct settings *settings)
{
	struct protocol_times times = { settings->hb_ms, settings->retry_ms };
	struct buf *text = session_text(s);

	buf_add(text, begun->p, begun->len);
	if (begun->len > 0 && session_is_answer(s))
		return;
	if (begun->len == 0 && !session_is_answer(s)) {
		stream_head_add(
		    text, s->protocol, &sub->cors, STREAM_HEAD_CLOSES);
		buf_adds(text, "\r\n");
	}
	s->protocol->open(text, sub, &times);
}

/* Streams that were opened together must not end together. */
static int64_t
life(const struct settings *settings, uintptr_t dice)
{
	uint64_t most = (uint64_t)settings->stream_life_ms / LIFE_JITTER + 1;

	dice = (dice >> 4) * 0x9e3779b97f4a7c15ULL >> 20;
	return settings->stream_life_ms + (int64_t)(dice % most);
}

/* EXPIRES in wall ms, 0: never. */
static void
limit(struct session *s, int64_t expires)
{
	int64_t left = expires - clock_wall();

	if (expires == 0 || s->socket.wrote + left >= s->until)
		return;
	s->until = s->socket.wrote + left;
	s->expiring = 1;
}

/* For a client that can send commands: keeps its connection name. */
static struct inbound *
make_inbound(const struct subscription *sub)
{
	size_t len = strlen(sub->conn) + 1;
	struct inbound *in;

	if (sub->protocol->input == NULL)
		return NULL;
	in = must_alloc(sizeof(*in) + len);
	in->user = sub->user;
	memcpy(in->conn, sub->conn, len);
	return in;
}

static void
take_seats(struct session *s, const struct subscription *sub)
{
	s->seats = s->at_open;
	s->n = sub->n + 1;
	s->rooms = sub->n;
	for (size_t i = 0; i < s->n; i++)
		s->seats[i].session = s;
	s->seats[0].scope = (struct scope){ SCOPE_USER, sub->user.n };
	for (size_t i = 0; i < sub->n; i++) {
		struct seat_reading *seat = &s->seats[i + 1];

		seat->scope =
		    (struct scope){ SCOPE_ROOM, sub->seats[i].room.n };
		seat->chatter = sub->seats[i].chatter.n;
		seat->presence = sub->seats[i].presence.n;
		seat->slot = sub->seats[i].slot;
	}
}

struct session *
session_open(int fd, const struct subscription *sub,
    const struct stream_quota_owner *owner, const struct buf *begun,
    const struct reuse *reuse, const struct settings *settings)
{
	struct session *s =
	    must_alloc(sizeof(*s) + (sub->n + 1) * sizeof(s->at_open[0]));

	s->socket.fd = fd;
	s->protocol = sub->protocol;
	if (sub->protocol->shape == PROTOCOL_ANSWER)
		s->answer = answer_open(reuse, &sub->cors);
	s->inbound = make_inbound(sub);
	s->cursor = s->began = s->socket.progress.delivered = sub->cursor;
	s->socket.progress.slot = sub->slot;
	s->socket.wrote = clock_lease();
	s->until = s->socket.wrote +
	    (session_is_answer(s) ? sub->wait : life(settings, (uintptr_t)s));
	limit(s, sub->expires);
	s->owner = *owner;
	s->conn = events_ends_conn(sub->conn);
	s->since = sub->log.head;
	s->listener = sub->listener;
	s->outside = sub->outside;
	take_seats(s, sub);
	begin(s, sub, begun, settings);
	return s;
}

void
session_go_live(struct session *s, const struct view *v)
{
	if (s->cursor < ring_floor(v->ring))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->seats[i].reading.channel != NULL)
			ring_seek(&s->seats[i].reading, s->cursor);
	s->live = 1;
}

void
session_subscribe(struct session *s, struct view *v)
{
	for (size_t i = 0; i < s->n; i++)
		ring_subscribe(
		    v->ring, s->seats[i].scope, &s->seats[i].reading);
	session_go_live(s, v);
}

static void
drop_seat(struct session *s, struct view *v, struct seat_reading *seat)
{
	if (seat->reading.channel == NULL)
		return;
	ring_unsubscribe(v->ring, &seat->reading);
	if (seat->chatter != 0)
		s->rooms--;
}

/* After a whole answer the connection may have further requests. */
static void
close_connection(struct session *s)
{
	const struct reuse *reuse =
	    session_is_answer(s) ? s->answer->reuse : NULL;

	if (reuse != NULL && s->closing && !socket_pending(&s->socket))
		reuse->take(reuse->arg, socket_release(&s->socket));
	else
		socket_close(&s->socket);
}

void
session_close(struct session *s, struct view *v)
{
	for (size_t i = 0; i < s->n; i++)
		drop_seat(s, v, &s->seats[i]);
	close_connection(s);
	answer_close(s->answer);
	if (s->inbound != NULL)
		s->protocol->input_free(s->inbound->unfinished);
	free(s->inbound);
	if (s->seats != s->at_open)
		free(s->seats);
	free(s);
}

static struct answer_out
answer_out(struct session *s)
{
	return (struct answer_out){ &s->socket.out, s->protocol };
}

static void
complete_answer(
    struct session *s, const struct view *v, const struct protocol_end *end)
{
	struct answer_out o = answer_out(s);

	if (v->leaving && !s->answer->begun)
		s->answer->reuse = NULL;
	answer_end(s->answer, &o, end);
	progress_mark(&s->socket.progress, s->socket.out.len, end->cursor);
}

/* Says bye; the client goes on after CURSOR.  MORE: at once. */
static void
finish(struct session *s, const struct view *v, const char *reason,
    int64_t cursor, int more)
{
	struct protocol_end end = { .reason = reason,
		.retry_ms = v->settings->retry_ms,
		.epoch = v->epoch,
		.told = cursor,
		.cursor = cursor,
		.more = more };

	if (session_is_answer(s))
		complete_answer(s, v, &end);
	else
		s->protocol->bye(&s->socket.out, &end);
	s->closing = 1;
	s->lingers = s->inbound != NULL;
	if (s->lingers && s->until > v->now + LINGER_MS)
		s->until = v->now + LINGER_MS;
}

void
session_beat(struct session *s, const struct view *v)
{
	struct answer_out o = answer_out(s);
	struct buf data = BUF_INIT;

	if (session_is_answer(s)) {
		answer_beat(s->answer, &o);
		return;
	}
	wire_add_head(&data, v->epoch, v->head);
	s->protocol->control(&s->socket.out, "hb", buf_str(&data));
	buf_done(&data);
}

void
session_say_bye(struct session *s, struct view *v, const char *reason)
{
	if (!s->closing)
		finish(
		    s, v, reason, v->head > s->cursor ? v->head : s->cursor, 0);
}

void
session_send_back(struct session *s, struct view *v)
{
	if (!s->closing)
		finish(s, v, "restart", s->cursor, 1);
}

/*
 * An answer is complete with the event that ends it, as with any other event.
 */
static void
end_stream(struct session *s, struct view *v, const char *reason)
{
	if (!session_is_answer(s))
		session_say_bye(s, v, reason);
}

/*
 * The own queue ends when its user is erased; a goodbye that names the
 * connection ends the stream.
 */
static void
end_own(
    struct session *s, struct view *v, struct seat_reading *own, int64_t ends)
{
	if (ends == EVENT_ENDS_ALL) {
		drop_seat(s, v, own);
		end_stream(s, v, "signed_out");
	} else if (ends == s->conn)
		end_stream(s, v, "goodbye");
}

/*
 * Frames with ENDS are the last of a seat.  A stream without any room has no
 * reason to go on.  Frames from before the subscription was checked are
 * history: the seat was valid after them.  A stream that hears a reopened room
 * is not present in it, and must reconnect to be present.
 */
void
session_pass_end(
    struct session *s, struct view *v, struct seat_reading *seat, int64_t ends)
{
	const char *reason;

	if (ends == EVENT_ENDS_NOBODY || s->cursor <= s->since)
		return;
	if (seat->chatter == 0) {
		end_own(s, v, seat, ends);
		return;
	}
	if (ends == EVENT_ENDS_REOPENED) {
		end_stream(s, v, "room_reopened");
		return;
	}
	reason = events_end_reason(ends, seat->chatter);
	if (reason == NULL)
		return;
	drop_seat(s, v, seat);
	if (s->rooms == 0)
		end_stream(s, v, reason);
}

struct session *
session_of(struct reading *r)
{
	return ((struct seat_reading *)(void *)r)->session;
}

struct buf *
session_text(struct session *s)
{
	return s->answer != NULL ? &s->answer->document : &s->socket.out;
}

struct session *
session_of_timer(struct timer *timer)
{
	return (struct session *)(void *)timer;
}

struct seat_reading *
session_seat(struct session *s, struct scope scope)
{
	for (size_t i = 0; i < s->n; i++) {
		struct seat_reading *seat = &s->seats[i];

		if (seat->reading.channel != NULL &&
		    seat->scope.id == scope.id &&
		    seat->scope.type == scope.type)
			return seat;
	}
	return NULL;
}

void
session_complete(
    struct session *s, const struct view *v, int64_t cursor, int more)
{
	finish(s, v, "", cursor, more);
}

/* Makes room for a further seat; the other seats may move. */
static struct seat_reading *
place_for_seat(struct session *s)
{
	struct seat_reading *more;

	for (size_t i = 1; i < s->n; i++)
		if (s->seats[i].reading.channel == NULL)
			return &s->seats[i];
	more = must_alloc((s->n + 1) * sizeof(*more));
	for (size_t i = 0; i < s->n; i++) {
		more[i] = s->seats[i];
		if (s->seats[i].reading.channel != NULL)
			ring_move(&s->seats[i].reading, &more[i].reading);
	}
	if (s->seats != s->at_open)
		free(s->seats);
	s->seats = more;
	return &s->seats[s->n++];
}

int
session_add_room(struct session *s, struct view *v, struct room_id room,
    struct chatter_id chatter, struct presence_id presence)
{
	struct scope scope = { SCOPE_ROOM, room.n };
	struct seat_reading *seat = session_seat(s, scope);

	if (seat == NULL && s->rooms >= SUBSCRIPTION_ROOMS_MAX)
		return -1;
	if (seat == NULL) {
		seat = place_for_seat(s);
		*seat = (struct seat_reading){ .session = s, .scope = scope };
		ring_subscribe(v->ring, scope, &seat->reading);
		s->rooms++;
	}
	seat->chatter = chatter.n;
	seat->presence = presence.n;
	s->cursor = v->head;
	return 0;
}

struct presence_id
session_drop_room(struct session *s, struct view *v, struct room_id room)
{
	struct seat_reading *seat =
	    session_seat(s, (struct scope){ SCOPE_ROOM, room.n });
	struct presence_id presence = { 0 };

	if (seat == NULL)
		return presence;
	presence.n = seat->presence;
	drop_seat(s, v, seat);
	seat->presence = 0;
	return presence;
}
