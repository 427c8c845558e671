#include "poller/subscriber.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "api/feed/wire.h"
#include "poller/stream_head.h"

enum {
	FRAMES_AT_ONCE = 64, /* in one write */
	REPLAY_AT_ONCE = 64, /* events read from the store */
	LINGER_MS = 2000, /* for the client's half of a close */
	LIFE_JITTER = 10 /* a stream lives up to a tenth longer */
};

int
subscriber_is_answer(const struct subscriber *s)
{
	return s->protocol->shape == PROTOCOL_ANSWER;
}

/* The head of an answer waits, because it tells the length. */
static void
begin(struct subscriber *s, const struct subscription *sub,
    const struct buf *head, const struct settings *settings)
{
	struct protocol_times times = { settings->hb_ms, settings->retry_ms };

	s->held = subscriber_is_answer(s);
	if (head->len > 0)
		buf_add(&s->out, head->p, head->len);
	else if (!s->held) {
		stream_head_add(&s->out, s->protocol, &s->cors);
		buf_adds(&s->out, "\r\n");
	}
	s->protocol->open(&s->out, sub, &times);
}

/* Streams that were opened together do not end together. */
static int64_t
life(const struct settings *settings, uintptr_t dice)
{
	uint64_t most = (uint64_t)settings->stream_life_ms / LIFE_JITTER + 1;

	dice = (dice >> 4) * 0x9e3779b97f4a7c15ULL >> 20;
	return settings->stream_life_ms + (int64_t)(dice % most);
}

/* EXPIRES in wall ms, 0: never. */
static void
limit(struct subscriber *s, int64_t expires)
{
	int64_t left = expires - clock_wall();

	if (expires == 0 || s->wrote + left >= s->until)
		return;
	s->until = s->wrote + left;
	s->expiring = 1;
}

struct subscriber *
subscriber_make(int fd, const struct subscription *sub,
    const struct stream_quota_owner *owner, const struct buf *head,
    const struct settings *settings)
{
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	size_t n = subscription_scopes(sub, scopes);
	struct subscriber *s = must_alloc(sizeof(*s) + n * sizeof(s->seats[0]));

	s->slot = -1;
	s->fd = fd;
	s->protocol = sub->protocol;
	s->cursor = s->began = s->progress.delivered = sub->cursor;
	s->progress.slot = sub->slot;
	s->wrote = clock_lease();
	s->until = s->wrote +
	    (subscriber_is_answer(s) ? sub->wait :
				       life(settings, (uintptr_t)s));
	limit(s, sub->expires);
	s->cors = sub->cors;
	s->owner = *owner;
	s->conn = event_ends_conn(sub->conn);
	s->since = sub->log.head;
	s->listener = sub->listener;
	s->outside = sub->outside;
	s->rooms = sub->n;
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		s->seats[i].subscriber = s;
		s->seats[i].scope = scopes[i];
		if (i < sub->n) {
			s->seats[i].chatter = sub->seats[i].chatter.n;
			s->seats[i].presence = sub->seats[i].presence.n;
		}
	}
	begin(s, sub, head, settings);
	return s;
}

/* Reads the ring from the cursor on, if it goes back that far. */
static void
go_live(struct subscriber *s, const struct view *v)
{
	if (s->cursor < ring_floor(v->ring))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->seats[i].reading.channel != NULL)
			ring_seek(&s->seats[i].reading, s->cursor);
	s->live = 1;
}

void
subscriber_subscribe(struct subscriber *s, struct view *v)
{
	for (size_t i = 0; i < s->n; i++)
		ring_subscribe(
		    v->ring, s->seats[i].scope, &s->seats[i].reading);
	go_live(s, v);
}

static void
drop_seat(struct subscriber *s, struct view *v, struct seat_reading *seat)
{
	if (seat->reading.channel == NULL)
		return;
	ring_unsubscribe(v->ring, &seat->reading);
	if (seat->chatter != 0)
		s->rooms--;
}

void
subscriber_free(struct subscriber *s, struct view *v)
{
	for (size_t i = 0; i < s->n; i++)
		drop_seat(s, v, &s->seats[i]);
	buf_done(&s->out);
	progress_clear(&s->progress);
	if (s->protocol->input_free != NULL)
		s->protocol->input_free(s->input);
	free(s);
}

/* Lets OUT go, behind the head of the answer, which ends with LAST_HEADER. */
static void
release(struct subscriber *s, const char *last_header)
{
	struct buf whole = BUF_INIT;

	if (!s->held)
		return;
	s->held = 0;
	stream_head_add(&whole, s->protocol, &s->cors);
	buf_addf(&whole, "%s\r\n", last_header);
	buf_add(&whole, s->out.p, s->out.len);
	buf_done(&s->out);
	s->out = whole;
}

/* Says bye; the client goes on after CURSOR.  MORE: at once. */
static void
finish(struct subscriber *s, const struct view *v, const char *reason,
    int64_t cursor, int more)
{
	struct protocol_end end = { .reason = reason,
		.retry_ms = v->settings->retry_ms,
		.epoch = v->epoch,
		.told = cursor,
		.cursor = cursor,
		.more = more };
	char length[48];

	s->protocol->bye(&s->out, &end);
	(void)snprintf(
	    length, sizeof(length), "Content-Length: %zu\r\n", s->out.len);
	release(s, length);
	if (subscriber_is_answer(s))
		progress_mark(&s->progress, s->out.len, cursor);
	s->closing = 1;
	s->lingers = s->protocol->input != NULL;
	if (s->lingers && s->until > v->now + LINGER_MS)
		s->until = v->now + LINGER_MS;
}

void
subscriber_beat(struct subscriber *s, const struct view *v)
{
	struct buf data = BUF_INIT;

	wire_add_head(&data, v->epoch, v->head);
	release(s, "");
	s->protocol->control(&s->out, "hb", buf_str(&data));
	buf_done(&data);
}

void
subscriber_end(struct subscriber *s, struct view *v, const char *reason)
{
	if (!s->closing)
		finish(
		    s, v, reason, v->head > s->cursor ? v->head : s->cursor, 0);
}

void
subscriber_send_back(struct subscriber *s, struct view *v)
{
	if (!s->closing)
		finish(s, v, "restart", s->cursor, 1);
}

/* An answer is complete with the event that ends it, as with any other. */
static void
end_stream(struct subscriber *s, struct view *v, const char *reason)
{
	if (!subscriber_is_answer(s))
		subscriber_end(s, v, reason);
}

/*
 * The own queue ends when its person is forgotten; a goodbye by its name ends a
 * stream.
 */
static void
end_own(struct subscriber *s, struct view *v, struct seat_reading *own,
    int64_t ends)
{
	if (ends == EVENT_ENDS_ALL) {
		drop_seat(s, v, own);
		end_stream(s, v, "signed_out");
	} else if (ends == s->conn)
		end_stream(s, v, "goodbye");
}

/*
 * Frames with ENDS are the last that a seat hears.  Without any room left the
 * stream has nothing to go on for.  What was told before the subscription was
 * checked is history: the seat was good after it.  Who hears a room that opens
 * again is not present in it, and comes back to be so.
 */
static void
end_seat(struct subscriber *s, struct view *v, struct seat_reading *seat,
    int64_t ends)
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
	reason = event_end_reason(ends, seat->chatter);
	if (reason == NULL)
		return;
	drop_seat(s, v, seat);
	if (s->rooms == 0)
		end_stream(s, v, reason);
}

static int
would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Writes IOV; the bytes that left, 0 when it would block, -1 when it ended. */
static ssize_t
write_some(struct subscriber *s, struct view *v, struct iovec *iov, size_t n)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = n };
	int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
	/* Most deliveries are one frame, and this is the shorter way. */
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

int
subscriber_pending(const struct subscriber *s)
{
	return s->done < s->out.len && !s->held;
}

static enum flushed
write_out(struct subscriber *s, struct view *v)
{
	while (s->done < s->out.len) {
		struct iovec iov = { s->out.p + s->done, s->out.len - s->done };
		ssize_t sent = write_some(s, v, &iov, 1);

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

struct picked {
	struct frame *frames[FRAMES_AT_ONCE];
	struct seat_reading *seats[FRAMES_AT_ONCE];
	size_t n;
};

/* The seat whose next frame is the oldest; its place in the list of seats. */
static size_t
oldest(struct subscriber *s, const uint64_t *skip, struct frame **frame)
{
	size_t best = s->n;

	*frame = NULL;
	for (size_t i = 0; i < s->n; i++) {
		struct reading *r = &s->seats[i].reading;
		struct frame *f;

		if (r->channel == NULL)
			continue;
		f = ring_peek(r, skip[i]);
		while (f != NULL && f->seq <= s->cursor) {
			r->pos++;
			f = ring_peek(r, skip[i]);
		}
		if (f != NULL && (*frame == NULL || f->seq < (*frame)->seq)) {
			*frame = f;
			best = i;
		}
	}
	return best;
}

/* The next frames of all channels in order, up to one that ends a seat. */
static void
pick(struct subscriber *s, struct picked *p)
{
	uint64_t skip[SUBSCRIPTION_ROOMS_MAX + 1] = { 0 };
	struct frame *f;
	size_t i;

	p->n = 0;
	while (p->n < FRAMES_AT_ONCE) {
		i = oldest(s, skip, &f);
		if (f == NULL)
			break;
		p->frames[p->n] = f;
		p->seats[p->n++] = &s->seats[i];
		skip[i]++;
		if (f->ends != EVENT_ENDS_NOBODY)
			break;
	}
}

static const struct buf *
text(const struct subscriber *s, const struct view *v, struct frame *f)
{
	return ring_text(v->ring, f, s->protocol);
}

static void
passed(struct subscriber *s, struct view *v, const struct picked *p, size_t i)
{
	int64_t ends = p->frames[i]->ends;

	s->cursor = p->frames[i]->seq;
	p->seats[i]->reading.pos++;
	atomic_fetch_add_explicit(&v->deliveries, 1, memory_order_relaxed);
	end_seat(s, v, p->seats[i], ends);
}

/* Moves past what has left; the rest of a frame in the middle goes to OUT. */
static void
account(
    struct subscriber *s, struct view *v, const struct picked *p, size_t sent)
{
	for (size_t i = 0; i < p->n && sent > 0; i++) {
		const struct buf *t = text(s, v, p->frames[i]);

		if (sent < t->len) {
			buf_add(&s->out, t->p + sent, t->len - sent);
			progress_mark(
			    &s->progress, s->out.len, p->frames[i]->seq);
			sent = 0;
		} else {
			sent -= t->len;
			progress_note(
			    &s->progress, v->delivered, p->frames[i]->seq);
		}
		passed(s, v, p, i);
	}
}

static void
answer(struct subscriber *s, struct view *v, struct picked *p)
{
	int n = 0;

	for (; p->n > 0 && n + FRAMES_AT_ONCE <= WIRE_ANSWER_EVENTS; pick(s, p))
		for (size_t i = 0; i < p->n; i++, n++) {
			const struct buf *t = text(s, v, p->frames[i]);

			buf_add(&s->out, t->p, t->len);
			passed(s, v, p, i);
		}
	finish(s, v, "", p->n > 0 ? s->cursor : v->head, p->n > 0);
}

/* FLUSHED_ALL: nothing is left in the ring; BEHIND: look again. */
static enum flushed
write_frames(struct subscriber *s, struct view *v)
{
	struct iovec iov[FRAMES_AT_ONCE];
	struct picked p;
	size_t wanted = 0;
	ssize_t sent;

	pick(s, &p);
	if (p.n == 0)
		return FLUSHED_ALL;
	if (subscriber_is_answer(s)) {
		answer(s, v, &p);
		return FLUSHED_BEHIND;
	}
	for (size_t i = 0; i < p.n; i++) {
		const struct buf *t = text(s, v, p.frames[i]);

		iov[i] = (struct iovec){ t->p, t->len };
		wanted += t->len;
	}
	sent = write_some(s, v, iov, p.n);
	if (sent < 0)
		return FLUSHED_END;
	account(s, v, &p, (size_t)sent);
	return (size_t)sent == wanted ? FLUSHED_BEHIND : FLUSHED_BLOCKED;
}

struct replay {
	struct subscriber *s;
	struct view *v;
	int n;
	int pruned; /* events after the cursor are gone */
};

static struct seat_reading *
seat_of(struct subscriber *s, struct scope scope)
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

static void
replay_one(const struct event *e, void *arg)
{
	struct replay *r = arg;
	struct subscriber *s = r->s;
	struct seat_reading *seat = seat_of(s, e->scope);

	r->n++;
	s->cursor = e->seq;
	if (seat == NULL || s->closing)
		return;
	s->protocol->frame(&s->out, r->v->epoch, e);
	/* An answer is delivered as a whole. */
	if (!subscriber_is_answer(s))
		progress_mark(&s->progress, s->out.len, e->seq);
	atomic_fetch_add_explicit(&r->v->deliveries, 1, memory_order_relaxed);
	end_seat(s, r->v, seat, e->ends);
}

/* The floor and the events of one moment: no pruning is between them. */
static enum db_rc
read_log(struct db *db, void *arg)
{
	struct replay *r = arg;
	struct subscriber *s = r->s;
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	struct log_state log;
	size_t n = 0;
	enum db_rc rc = events_state(db, &log);

	if (rc != DB_OK)
		return rc;
	r->pruned = s->cursor < log.floor;
	if (r->pruned)
		return DB_NONE;
	for (size_t i = 0; i < s->n; i++)
		if (s->seats[i].reading.channel != NULL)
			scopes[n++] = s->seats[i].scope;
	return events_of(db, scopes, n, s->cursor, r->v->head, REPLAY_AT_ONCE,
	    replay_one, r);
}

/* A portion of what the ring no longer has. */
static enum flushed
replay(struct subscriber *s, struct view *v)
{
	struct replay r = { .s = s, .v = v };
	enum db_rc rc = db_read(v->db, read_log, &r);

	if (rc != DB_OK && rc != DB_NONE)
		return FLUSHED_END;
	if (r.pruned) {
		subscriber_send_back(s, v);
		return FLUSHED_BEHIND;
	}
	atomic_fetch_add_explicit(&v->replays, 1, memory_order_relaxed);
	if (r.n < REPLAY_AT_ONCE && s->cursor < v->head)
		s->cursor = v->head;
	go_live(s, v);
	if (subscriber_is_answer(s) && r.n > 0 && !s->closing)
		finish(s, v, "", s->cursor, r.n == REPLAY_AT_ONCE);
	return FLUSHED_BEHIND;
}

static void
notice_passed(struct subscriber *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->seats[i].reading.channel != NULL &&
		    ring_passed(&s->seats[i].reading))
			s->live = 0;
}

enum flushed
subscriber_flush(struct subscriber *s, struct view *v)
{
	enum flushed rc = FLUSHED_ALL;
	int portions = 0;

	for (;;) {
		if (subscriber_pending(s))
			rc = write_out(s, v);
		if (rc == FLUSHED_END || rc == FLUSHED_BLOCKED)
			return rc;
		if (s->closing)
			return s->lingers ? FLUSHED_BLOCKED : FLUSHED_END;
		notice_passed(s);
		if (!s->live && portions++ > 0)
			return FLUSHED_BEHIND;
		rc = s->live ? write_frames(s, v) : replay(s, v);
		if (rc != FLUSHED_BEHIND && !subscriber_pending(s))
			return rc;
		if (rc == FLUSHED_END)
			return rc;
		rc = FLUSHED_ALL;
	}
}
