#include "db/chat/delivery.h"
#include "poller/roster.h"

#include "db/base/must.h"
#include "poller/delivery.h"
#include "poller/input.h"

void
roster_init(struct roster *r)
{
	r->timers = timers_open(r->view->now);
	TAILQ_INIT(&r->all);
	TAILQ_INIT(&r->behind);
	TAILQ_INIT(&r->closed);
}

void
roster_done(struct roster *r)
{
	must(TAILQ_EMPTY(&r->all) && TAILQ_EMPTY(&r->closed));
	timers_close(r->timers);
}

static void
count(atomic_uint_fast64_t *what, uint64_t n)
{
	atomic_fetch_add_explicit(what, n, memory_order_relaxed);
}

static void
schedule(struct roster *r, struct session *s)
{
	const struct view *v = r->view;
	int64_t due = s->until;

	if (s->socket.wrote + v->settings->hb_ms < due)
		due = s->socket.wrote + v->settings->hb_ms;
	if (s->socket.due != 0 && s->socket.due < due)
		due = s->socket.due;
	timers_set(r->timers, &s->timer, v->now, due);
}

/*
 * Takes S off every list; it is freed after this turn, because epoll may still
 * name it.
 */
static void
close_session(struct roster *r, struct session *s)
{
	if (s->dead)
		return;
	s->dead = 1;
	r->outside -= s->outside;
	timers_clear(r->timers, &s->timer);
	if (s->is_behind)
		TAILQ_REMOVE(&r->behind, s, behind);
	TAILQ_REMOVE(&r->all, s, all);
	TAILQ_INSERT_TAIL(&r->closed, s, all);
}

/* Counts the bytes that wait for S.  -1: there are too many. */
static int
account(struct roster *r, struct session *s)
{
	size_t was = s->socket.counted, is = socket_held(&s->socket);

	if (is > 0 && socket_set_due(&s->socket, r->view))
		schedule(r, s);
	s->socket.counted = is;
	return request_quota_change(
	    r->quotas.waiting, s->owner.address, was, is);
}

/* Its memory is free at once, and its connection has no whole answer. */
static void
cut_off(struct roster *r, struct session *s)
{
	count(&r->view->slow, 1);
	close_session(r, s);
	socket_drop(&s->socket);
	s->closing = 0;
	must(account(r, s) == 0);
}

static void
flush(struct roster *r, struct session *s)
{
	enum flushed rc;
	int is_behind;

	if (s->dead)
		return;
	do
		rc = delivery_flush(s, r->view);
	while (rc == FLUSHED_ALL && input_go_on(s, r->view, r->departures));
	if (rc == FLUSHED_END) {
		close_session(r, s);
		return;
	}
	if (account(r, s) != 0) {
		cut_off(r, s);
		return;
	}
	/* Soon, rather than at the next heartbeat. */
	if (s->lingers)
		schedule(r, s);
	is_behind = rc == FLUSHED_BEHIND || input_waits(s);
	if (is_behind == s->is_behind)
		return;
	s->is_behind = is_behind;
	if (s->is_behind)
		TAILQ_INSERT_TAIL(&r->behind, s, behind);
	else
		TAILQ_REMOVE(&r->behind, s, behind);
}

void
roster_answered(struct roster *r, struct command *c)
{
	input_answered(c);
	flush(r, c->session);
}

/* Reads the client's bytes, and writes the bytes that wait for it. */
static void
serve(struct roster *r, struct session *s)
{
	if (s->dead)
		return;
	if (input_waits(s) && input_read(s, r->view) != 0)
		close_session(r, s);
	else
		flush(r, s);
}

/*
 * When the daemon stops, no session leaves its rooms: the rows stay with the
 * node, whose lease gives clients time to reach the next daemon.
 */
void
roster_free_closed(struct roster *r)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&r->closed); s != NULL; s = next) {
		struct stream_quota_owner owner = s->owner;
		size_t counted = s->socket.counted;

		next = TAILQ_NEXT(s, all);
		if (input_is_busy(s))
			continue;
		TAILQ_REMOVE(&r->closed, s, all);
		input_abandon(s, r->view->leaving ? NULL : r->departures);
		if (session_is_answer(s))
			departures_answered(r->departures, s);
		else if (!r->view->leaving)
			departures_ended(r->departures, s);
		/*
		 * The socket may be open under another descriptor (the one it
		 * was duplicated from): epoll would still report it.
		 */
		(void)epoll_ctl(r->epoll, EPOLL_CTL_DEL, s->socket.fd, NULL);
		/* First: a kept connection may ask again at once. */
		stream_quota_give(r->quotas.streams, &owner);
		request_quota_end(r->quotas.waiting, owner.address, counted);
		session_close(s, r->view);
		count(&r->n_closed, 1);
	}
}

/*
 * Closes a client that is too slow, unless it is the hub that was, and the
 * client takes the bytes now.
 */
static void
end_late(struct roster *r, struct session *s)
{
	if (!socket_is_late(&s->socket, r->view->now))
		return;
	flush(r, s);
	if (!s->dead && socket_is_late(&s->socket, r->view->now))
		cut_off(r, s);
}

/*
 * A heartbeat, the end of a stream's life or a poll's wait, or a slow reader.
 */
static void
on_time(struct timer *timer, void *arg)
{
	struct roster *r = arg;
	struct view *v = r->view;
	struct session *s = session_of_timer(timer);

	end_late(r, s);
	if (s->dead)
		return;
	if (s->closing && v->now >= s->until) {
		close_session(r, s);
		return;
	}
	if (v->now >= s->until)
		session_say_bye(
		    s, v, s->expiring ? "token_expired" : "lifetime");
	else if (!s->closing && !socket_pending(&s->socket) &&
	    v->now - s->socket.wrote >= v->settings->hb_ms)
		session_beat(s, v);
	flush(r, s);
	if (!s->dead)
		schedule(r, s);
}

void
roster_fan_out(struct roster *r, struct channels *touched)
{
	struct reading *reading, *next;
	struct channel *c;

	while ((c = STAILQ_FIRST(touched)) != NULL) {
		STAILQ_REMOVE_HEAD(touched, touched);
		for (reading = LIST_FIRST(&c->readers); reading != NULL;
		     reading = next) {
			next = LIST_NEXT(reading, entry);
			flush(r, session_of(reading));
		}
		ring_fanned_out(r->view->ring, c);
	}
}

void
roster_send_back_all(struct roster *r)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&r->all); s != NULL; s = next) {
		next = TAILQ_NEXT(s, all);
		session_send_back(s, r->view);
		flush(r, s);
	}
}

/*
 * Ends a stream that this one replaces: of the same person, who hears the same
 * own queue, with the same connection name.
 */
static void
replace(struct roster *r, struct session *s)
{
	struct reading *own = &s->seats[0].reading, *reading, *next;

	if (session_is_answer(s))
		return;
	for (reading = LIST_FIRST(&own->channel->readers); reading != NULL;
	     reading = next) {
		struct session *other = session_of(reading);

		next = LIST_NEXT(reading, entry);
		if (other == s || other->conn != s->conn ||
		    session_is_answer(other))
			continue;
		session_say_bye(other, r->view, "replaced");
		flush(r, other);
	}
}

void
roster_admit(struct roster *r, struct session *s)
{
	struct epoll_event e = {
		.events = EPOLLET | EPOLLIN | EPOLLOUT | EPOLLRDHUP,
		.data.ptr = s,
	};

	TAILQ_INSERT_TAIL(&r->all, s, all);
	r->outside += s->outside;
	session_subscribe(s, r->view);
	replace(r, s);
	count(session_is_answer(s) ? &r->n_polls : &r->n_opened, 1);
	if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, s->socket.fd, &e) != 0) {
		close_session(r, s);
		return;
	}
	flush(r, s);
	if (!s->dead)
		schedule(r, s);
}

void
roster_end_all(struct roster *r, const char *reason)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&r->all); s != NULL; s = next) {
		next = TAILQ_NEXT(s, all);
		session_say_bye(s, r->view, reason);
		flush(r, s);
	}
}

void
roster_on_socket(struct roster *r, struct session *s, uint32_t events)
{
	if (s->dead)
		return;
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
		close_session(r, s);
		return;
	}
	if ((events & EPOLLIN) != 0)
		s->unread = 1;
	if ((events & EPOLLOUT) != 0 || input_waits(s))
		serve(r, s);
}

void
roster_catch_up(struct roster *r)
{
	struct sessions now = TAILQ_HEAD_INITIALIZER(now);
	struct session *s;

	TAILQ_CONCAT(&now, &r->behind, behind);
	while ((s = TAILQ_FIRST(&now)) != NULL) {
		TAILQ_REMOVE(&now, s, behind);
		s->is_behind = 0;
		serve(r, s);
	}
}

void
roster_end_outside(struct roster *r, const char *reason)
{
	struct session *s, *next;

	for (s = r->outside > 0 ? TAILQ_FIRST(&r->all) : NULL; s != NULL;
	     s = next) {
		next = TAILQ_NEXT(s, all);
		if (!s->outside)
			continue;
		session_say_bye(s, r->view, reason);
		flush(r, s);
	}
}

void
roster_close_all(struct roster *r)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&r->all)) != NULL)
		close_session(r, s);
	roster_free_closed(r);
}

void
roster_on_time(struct roster *r)
{
	timers_run(r->timers, r->view->now, on_time, r);
}
