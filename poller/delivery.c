#include "db/chat/delivery.h"
#include "poller/delivery.h"

#include "api/feed/wire.h"
#include "db/rows/events.h"

enum {
	FRAMES_AT_ONCE = 64, /* in a single write */
	REPLAY_AT_ONCE = 64, /* events read from the store */
	REPLAY_BYTES = 32 * 1024 /* that a stream holds; more follow at once */
};

struct picked {
	struct frame *frames[FRAMES_AT_ONCE];
	struct seat_reading *seats[FRAMES_AT_ONCE];
	size_t n;
};

/* The index of the seat whose next frame is the oldest. */
static size_t
oldest(struct session *s, const uint64_t *skip, struct frame **frame)
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

/*
 * Picks the next frames of all channels in order, up to a frame that ends a
 * seat.
 */
static void
pick(struct session *s, struct picked *p)
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
text(const struct session *s, const struct view *v, struct frame *f)
{
	return ring_text(v->ring, f, s->protocol);
}

static void
passed(struct session *s, struct view *v, const struct picked *p, size_t i)
{
	int64_t ends = p->frames[i]->ends;

	s->cursor = p->frames[i]->seq;
	p->seats[i]->reading.pos++;
	atomic_fetch_add_explicit(&v->deliveries, 1, memory_order_relaxed);
	session_pass_end(s, v, p->seats[i], ends);
}

/*
 * Moves past the frames that were sent, and past empty ones; the rest of a partly
 * sent frame goes to OUT.
 */
static void
account(struct session *s, struct view *v, const struct picked *p, size_t sent)
{
	for (size_t i = 0, rest = 0; i < p->n && rest == 0; i++) {
		const struct buf *t = text(s, v, p->frames[i]);

		if (sent == 0 && t->len > 0)
			break;
		rest = sent < t->len ? t->len - sent : 0;
		sent -= t->len - rest;
		if (rest > 0) {
			buf_add(&s->socket.out, t->p + t->len - rest, rest);
			progress_mark(&s->socket.progress, s->socket.out.len,
			    p->frames[i]->seq);
		} else
			progress_note(&s->socket.progress, v->delivered,
			    p->frames[i]->seq);
		passed(s, v, p, i);
	}
}

static void
answer(struct session *s, struct view *v, struct picked *p)
{
	struct buf *out = session_text(s);
	int n = 0, more = 0;

	do {
		for (size_t i = 0; i < p->n; i++) {
			const struct buf *t = text(s, v, p->frames[i]);

			more = wire_answer_is_full(n++, out->len, t->len);
			if (more)
				break;
			buf_add(out, t->p, t->len);
			passed(s, v, p, i);
		}
		if (!more)
			pick(s, p);
	} while (p->n > 0 && !more);
	session_complete(s, v, more ? s->cursor : v->head, more);
}

/* FLUSHED_ALL: the ring has no further frame; BEHIND: look again. */
static enum flushed
write_frames(struct session *s, struct view *v)
{
	struct iovec iov[FRAMES_AT_ONCE];
	struct picked p;
	size_t wanted = 0;
	ssize_t sent;

	pick(s, &p);
	if (p.n == 0)
		return FLUSHED_ALL;
	if (session_is_answer(s)) {
		answer(s, v, &p);
		return FLUSHED_BEHIND;
	}
	for (size_t i = 0; i < p.n; i++) {
		const struct buf *t = text(s, v, p.frames[i]);

		iov[i] = (struct iovec){ t->p, t->len };
		wanted += t->len;
	}
	sent = wanted > 0 ? socket_write(&s->socket, v, iov, p.n) : 0;
	if (sent < 0)
		return FLUSHED_END;
	account(s, v, &p, (size_t)sent);
	return (size_t)sent == wanted ? FLUSHED_BEHIND : FLUSHED_BLOCKED;
}

struct replay {
	struct session *s;
	struct view *v;
	int n;
	int more; /* other events are there already */
	int pruned; /* events after the cursor have been pruned */
};

static enum events_go
replay_one(const struct event *e, void *arg)
{
	struct replay *r = arg;
	struct session *s = r->s;
	struct seat_reading *seat = session_seat(s, e->scope);

	r->more = r->n == REPLAY_AT_ONCE ||
	    wire_answer_is_full(r->n, session_text(s)->len, e->len) ||
	    (r->n > 0 && !session_is_answer(s) &&
		s->socket.out.len + e->len > REPLAY_BYTES);
	if (r->more)
		return EVENTS_STOP;
	r->n++;
	s->cursor = e->seq;
	if (seat == NULL || s->closing)
		return EVENTS_GO_ON;
	s->protocol->frame(session_text(s), r->v->epoch, e);
	/* An answer is delivered as a whole. */
	if (!session_is_answer(s))
		progress_mark(&s->socket.progress, s->socket.out.len, e->seq);
	atomic_fetch_add_explicit(&r->v->deliveries, 1, memory_order_relaxed);
	session_pass_end(s, r->v, seat, e->ends);
	return EVENTS_GO_ON;
}

/*
 * Reads the floor and the events of the same moment: no pruning is between
 * them.
 */
static enum db_rc
read_log(struct db *db, void *arg)
{
	struct replay *r = arg;
	struct session *s = r->s;
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
	return events_of(db, scopes, n, s->cursor, r->v->head,
	    REPLAY_AT_ONCE + 1, replay_one, r);
}

/* Sends a portion of the events that the ring no longer has. */
static enum flushed
replay(struct session *s, struct view *v)
{
	struct replay r = { .s = s, .v = v };
	enum db_rc rc = db_read(v->db, read_log, &r);

	if (rc != DB_OK && rc != DB_NONE)
		return FLUSHED_END;
	if (r.pruned) {
		session_send_back(s, v);
		return FLUSHED_BEHIND;
	}
	atomic_fetch_add_explicit(&v->replays, 1, memory_order_relaxed);
	if (!r.more && s->cursor < v->head)
		s->cursor = v->head;
	session_go_live(s, v);
	if (session_is_answer(s) && r.n > 0 && !s->closing)
		session_complete(s, v, s->cursor, r.more);
	return FLUSHED_BEHIND;
}

static void
notice_passed(struct session *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->seats[i].reading.channel != NULL &&
		    ring_passed(&s->seats[i].reading))
			s->live = 0;
}

enum flushed
delivery_flush(struct session *s, struct view *v)
{
	enum flushed rc = FLUSHED_ALL;
	int portions = 0;

	for (;;) {
		if (socket_pending(&s->socket))
			rc = socket_flush(&s->socket, v);
		if (rc == FLUSHED_END || rc == FLUSHED_BLOCKED)
			return rc;
		if (s->closing)
			return s->lingers ? FLUSHED_BLOCKED : FLUSHED_END;
		notice_passed(s);
		if (!s->live && portions++ > 0)
			return FLUSHED_BEHIND;
		rc = s->live ? write_frames(s, v) : replay(s, v);
		if (rc != FLUSHED_BEHIND && !socket_pending(&s->socket))
			return rc;
		if (rc == FLUSHED_END)
			return rc;
		rc = FLUSHED_ALL;
	}
}
