#include "poller/hub.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/engine/storage.h"
#include "poller/departures.h"
#include "poller/input.h"
#include "poller/shutdown.h"
#include "poller/subscriber.h"

enum {
	EVENTS_AT_ONCE = 512, /* of epoll, and read from the log */
	STALL_MS = 30000, /* who takes nothing for so long is let go */
	TICK_MS = 32,
	SLOTS = 2048 /* of the timer wheel: 65 s */
};

enum order { ORDER_NONE, ORDER_SEND_AWAY, ORDER_GOODBYE, ORDER_STOP };

struct hub {
	/* set before the thread starts */
	struct store *store;
	struct stream_quota *caps;
	struct departures *departures;
	int epoll, wake, bell;
	pthread_t thread;

	/* the thread's own */
	struct view view;
	struct subscribers all, behind;
	struct subscribers slots[SLOTS];
	int64_t tick;
	struct subscribers dead;
	int outside; /* subscribers that have no presence */
	int leaving; /* who ends now has not left */
	int stopping;
	int64_t stop_at; /* 0: no goodbye yet */

	/* under the mutex */
	pthread_mutex_t mutex;
	struct subscribers inbox;
	enum order order;

	/* anybody's */
	atomic_uint_fast64_t opened, closed, polls, events, frames, ring_bytes;
};

static void
ring_bell(struct hub *h)
{
	uint64_t one = 1;

	must(write(h->wake, &one, sizeof(one)) == sizeof(one) ||
	    errno == EAGAIN);
}

static void
count(atomic_uint_fast64_t *what, uint64_t n)
{
	atomic_fetch_add_explicit(what, n, memory_order_relaxed);
}

static void
schedule(struct hub *h, struct subscriber *s)
{
	const struct view *v = &h->view;
	int64_t due = s->until, ticks;

	if (s->slot >= 0)
		TAILQ_REMOVE(&h->slots[s->slot], s, timer);
	if (s->wrote + v->settings->hb_ms < due)
		due = s->wrote + v->settings->hb_ms;
	ticks = (due - v->now) / TICK_MS + 1;
	if (ticks < 1)
		ticks = 1;
	if (ticks > SLOTS - 1)
		ticks = SLOTS - 1;
	s->slot = (int)((h->tick + ticks) % SLOTS);
	TAILQ_INSERT_TAIL(&h->slots[s->slot], s, timer);
}

/* Out of every list; freed after this turn, because epoll may still name it. */
static void
bury(struct hub *h, struct subscriber *s)
{
	if (s->dead)
		return;
	s->dead = 1;
	h->outside -= s->outside;
	if (s->slot >= 0)
		TAILQ_REMOVE(&h->slots[s->slot], s, timer);
	if (s->is_behind)
		TAILQ_REMOVE(&h->behind, s, behind);
	TAILQ_REMOVE(&h->all, s, all);
	TAILQ_INSERT_TAIL(&h->dead, s, all);
}

static void
settle(struct hub *h, struct subscriber *s)
{
	enum flushed rc;
	int is_behind;

	if (s->dead)
		return;
	rc = subscriber_flush(s, &h->view);
	if (rc == FLUSHED_END) {
		bury(h, s);
		return;
	}
	/* Soon, not in a quarter of a minute. */
	if (s->lingers)
		schedule(h, s);
	is_behind = rc == FLUSHED_BEHIND || input_waits(s);
	if (is_behind == s->is_behind)
		return;
	s->is_behind = is_behind;
	if (s->is_behind)
		TAILQ_INSERT_TAIL(&h->behind, s, behind);
	else
		TAILQ_REMOVE(&h->behind, s, behind);
}

/* Reads what the client has sent, and writes what there is to write. */
static void
serve(struct hub *h, struct subscriber *s)
{
	if (s->dead)
		return;
	if (input_waits(s) && input_read(s, &h->view) != 0)
		bury(h, s);
	else
		settle(h, s);
}

/*
 * When the daemon stops, nobody has left: the rows stay with the node, whose
 * lease gives everyone time to come back to the next one.
 */
static void
free_dead(struct hub *h)
{
	struct subscriber *s;

	while ((s = TAILQ_FIRST(&h->dead)) != NULL) {
		TAILQ_REMOVE(&h->dead, s, all);
		if (subscriber_is_answer(s))
			departures_answered(h->departures, s);
		else if (!h->leaving)
			departures_ended(h->departures, s);
		/*
		 * The socket may be open under another descriptor (the one
		 * it was handed over from): epoll would still name it.
		 */
		(void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, s->fd, NULL);
		(void)close(s->fd);
		stream_quota_give(h->caps, &s->owner);
		count(&h->closed, 1);
		subscriber_free(s, &h->view);
	}
}

/* A heartbeat, a life's end, a poll's end, or a reader that takes nothing. */
static void
on_time(struct hub *h, struct subscriber *s)
{
	struct view *v = &h->view;

	if (v->now - s->wrote >= STALL_MS && subscriber_pending(s)) {
		count(&v->slow, 1);
		bury(h, s);
		return;
	}
	if (s->closing && v->now >= s->until) {
		bury(h, s);
		return;
	}
	if (v->now >= s->until)
		subscriber_end(
		    s, v, s->expiring ? "token_expired" : "lifetime");
	else if (!s->closing && !subscriber_pending(s) &&
	    v->now - s->wrote >= v->settings->hb_ms)
		subscriber_beat(s, v);
	settle(h, s);
	if (!s->dead)
		schedule(h, s);
}

static void
run_timers(struct hub *h)
{
	int64_t until = h->view.now / TICK_MS;

	while (h->tick < until) {
		struct subscribers *slot = &h->slots[++h->tick % SLOTS];
		struct subscriber *s;

		while ((s = TAILQ_FIRST(slot)) != NULL) {
			TAILQ_REMOVE(slot, s, timer);
			s->slot = -1;
			on_time(h, s);
		}
	}
}

struct writer_batch {
	struct hub *hub;
	struct channels touched;
	int n;
	int hole; /* the log has no event that was to come next */
};

static void
append(const struct event *e, void *arg)
{
	struct writer_batch *b = arg;
	struct view *v = &b->hub->view;

	if (e->seq != v->head + 1)
		b->hole = 1;
	ring_append(v->ring, e, &b->touched);
	v->head = e->seq;
	b->n++;
}

static struct subscriber *
whose(struct reading *r)
{
	return ((struct seat_reading *)(void *)r)->subscriber;
}

/* Every subscriber of the channels that have grown, once. */
static void
fan_out(struct hub *h, struct channels *touched)
{
	struct reading *r, *next;
	struct channel *c;

	while ((c = STAILQ_FIRST(touched)) != NULL) {
		STAILQ_REMOVE_HEAD(touched, touched);
		for (r = LIST_FIRST(&c->readers); r != NULL; r = next) {
			next = LIST_NEXT(r, entry);
			settle(h, whose(r));
		}
		ring_fanned_out(h->view.ring, c);
	}
}

/*
 * This daemon stood still, and another process has pruned what nobody here has
 * read: everyone who is behind that comes back.
 */
static void
pass_hole(struct hub *h, int64_t heard)
{
	struct subscriber *s, *next;
	struct log_state log;

	if (events_state(h->view.db, &log) != DB_OK || log.floor <= heard)
		return;
	ring_raise_floor(h->view.ring, log.floor);
	for (s = TAILQ_FIRST(&h->all); s != NULL; s = next) {
		next = TAILQ_NEXT(s, all);
		subscriber_send_back(s, &h->view);
		settle(h, s);
	}
}

/* Reads what is new in the log; the whole of it before anybody is told. */
static void
look(struct hub *h)
{
	struct writer_batch b = { .hub = h };
	int64_t heard = h->view.head;
	enum db_rc rc;

	STAILQ_INIT(&b.touched);
	do {
		b.n = 0;
		rc = events_after(
		    h->view.db, h->view.head, EVENTS_AT_ONCE, append, &b);
		count(&h->events, (uint64_t)b.n);
	} while (rc == DB_OK && b.n == EVENTS_AT_ONCE);
	if (b.hole)
		pass_hole(h, heard);
	fan_out(h, &b.touched);
	ring_trim(h->view.ring);
	atomic_store(&h->frames, ring_frames(h->view.ring));
	atomic_store(&h->ring_bytes, ring_bytes(h->view.ring));
}

/*
 * A stream that this one takes the place of: the same person's, who hears the
 * same own queue, by the same name.
 */
static void
replace(struct hub *h, struct subscriber *s)
{
	struct reading *own = &s->seats[s->n - 1].reading, *r, *next;

	if (subscriber_is_answer(s))
		return;
	for (r = LIST_FIRST(&own->channel->readers); r != NULL; r = next) {
		struct subscriber *other = whose(r);

		next = LIST_NEXT(r, entry);
		if (other == s || other->conn != s->conn ||
		    subscriber_is_answer(other))
			continue;
		subscriber_end(other, &h->view, "replaced");
		settle(h, other);
	}
}

static void
take_on(struct hub *h, struct subscriber *s)
{
	struct epoll_event e = {
		.events = EPOLLET | EPOLLIN | EPOLLOUT | EPOLLRDHUP,
		.data.ptr = s,
	};

	TAILQ_INSERT_TAIL(&h->all, s, all);
	h->outside += s->outside;
	subscriber_subscribe(s, &h->view);
	replace(h, s);
	count(subscriber_is_answer(s) ? &h->polls : &h->opened, 1);
	if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, s->fd, &e) != 0) {
		bury(h, s);
		return;
	}
	settle(h, s);
	if (!s->dead)
		schedule(h, s);
}

static void
end_all(struct hub *h, const char *reason)
{
	struct subscriber *s, *next;

	for (s = TAILQ_FIRST(&h->all); s != NULL; s = next) {
		next = TAILQ_NEXT(s, all);
		subscriber_end(s, &h->view, reason);
		settle(h, s);
	}
}

static void
read_inbox(struct hub *h)
{
	struct subscribers arrived = TAILQ_HEAD_INITIALIZER(arrived);
	struct subscriber *s;
	enum order order;
	uint64_t n;

	(void)!read(h->wake, &n, sizeof(n));
	must(pthread_mutex_lock(&h->mutex) == 0);
	TAILQ_CONCAT(&arrived, &h->inbox, all);
	order = h->order;
	h->order = ORDER_NONE;
	must(pthread_mutex_unlock(&h->mutex) == 0);
	/* Who comes after something was erased is not served from before. */
	if (!TAILQ_EMPTY(&arrived))
		look(h);
	while ((s = TAILQ_FIRST(&arrived)) != NULL) {
		TAILQ_REMOVE(&arrived, s, all);
		take_on(h, s);
	}
	if (order == ORDER_SEND_AWAY)
		end_all(h, "restart");
	if (order == ORDER_GOODBYE || order == ORDER_STOP) {
		h->leaving = 1;
		look(h);
		end_all(h, "shutdown");
		if (h->stop_at == 0)
			h->stop_at = h->view.now +
			    shutdown_share(h->view.settings, SHUTDOWN_STREAMS);
	}
	if (order == ORDER_STOP)
		h->stopping = 1;
}

static void
on_socket(struct hub *h, struct subscriber *s, uint32_t events)
{
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
		bury(h, s);
		return;
	}
	if ((events & EPOLLIN) != 0)
		s->unread = 1;
	if ((events & EPOLLOUT) != 0 || input_waits(s))
		serve(h, s);
}

static void
catch_up(struct hub *h)
{
	struct subscribers now = TAILQ_HEAD_INITIALIZER(now);
	struct subscriber *s;

	TAILQ_CONCAT(&now, &h->behind, behind);
	while ((s = TAILQ_FIRST(&now)) != NULL) {
		TAILQ_REMOVE(&now, s, behind);
		s->is_behind = 0;
		serve(h, s);
	}
}

/*
 * The store can be written again: those who came while it could not be come
 * anew, and are present from then on.
 */
static void
call_in(struct hub *h)
{
	struct subscriber *s, *next;

	if (h->outside == 0 || store_storage(h->store) != STORAGE_OK)
		return;
	for (s = TAILQ_FIRST(&h->all); s != NULL; s = next) {
		next = TAILQ_NEXT(s, all);
		if (!s->outside)
			continue;
		subscriber_end(s, &h->view, "restart");
		settle(h, s);
	}
}

static void
turn(struct hub *h, struct epoll_event *ready, int n)
{
	h->view.now = clock_lease();
	h->view.db = store_db(h->store);
	if (h->view.db == NULL)
		return;
	for (int i = 0; i < n; i++) {
		struct subscriber *s = ready[i].data.ptr;

		if (ready[i].data.ptr == &h->bell)
			store_wake_clear(h->bell);
		else if (ready[i].data.ptr == &h->wake)
			read_inbox(h);
		else if (!s->dead)
			on_socket(h, s, ready[i].events);
	}
	look(h);
	catch_up(h);
	call_in(h);
	run_timers(h);
	free_dead(h);
	departures_post(h->departures);
	store_rest(h->store);
}

static void
let_go(struct hub *h)
{
	struct subscriber *s;

	while ((s = TAILQ_FIRST(&h->all)) != NULL)
		bury(h, s);
	free_dead(h);
	departures_post(h->departures);
}

static void *
run(void *arg)
{
	struct hub *h = arg;
	struct epoll_event ready[EVENTS_AT_ONCE];
	int n, wait;

	while (!h->stopping ||
	    (!TAILQ_EMPTY(&h->all) && h->view.now < h->stop_at)) {
		wait = TAILQ_EMPTY(&h->behind) ?
		    (int)h->view.settings->look_ms :
		    0;
		n = epoll_wait(h->epoll, ready, EVENTS_AT_ONCE, wait);
		turn(h, ready, n > 0 ? n : 0);
	}
	let_go(h);
	return NULL;
}

static void
watch(struct hub *h, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	must(epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

/* The newest events, so that a storm of returning readers is served here. */
static enum db_rc
preload(struct hub *h)
{
	const struct settings *s = h->view.settings;
	struct db *db = store_db(h->store);
	struct log_state log;
	struct writer_batch b = { .hub = h };
	enum db_rc rc;

	STAILQ_INIT(&b.touched);
	rc = db != NULL ? events_state(db, &log) : DB_FAIL;
	if (rc != DB_OK)
		return rc;
	memcpy(h->view.epoch, log.epoch, sizeof(log.epoch));
	h->view.ring =
	    ring_open((size_t)s->ring_events, (size_t)s->ring_bytes, log.epoch);
	h->view.head = log.head - s->ring_events;
	if (h->view.head < log.floor)
		h->view.head = log.floor;
	ring_raise_floor(h->view.ring, h->view.head);
	do {
		b.n = 0;
		rc = events_after(db, h->view.head, EVENTS_AT_ONCE, append, &b);
	} while (rc == DB_OK);
	return rc == DB_NONE ? DB_OK : rc;
}

/* Gives back a hub whose thread has ended or never began. */
static void
discard(struct hub *h)
{
	ring_close(h->view.ring);
	if (h->bell >= 0)
		(void)close(h->bell);
	(void)close(h->wake);
	(void)close(h->epoll);
	must(pthread_mutex_destroy(&h->mutex) == 0);
	departures_close(h->departures);
	free(h);
}

enum db_rc
hub_start(struct store *store, const struct settings *settings,
    struct stream_quota *caps, struct delivered *delivered, struct hub **out)
{
	struct hub *h = must_alloc(sizeof(*h));
	enum db_rc rc = DB_FAIL;
	int lacking;

	h->store = store;
	h->caps = caps;
	h->view.settings = settings;
	h->view.now = clock_lease();
	h->tick = h->view.now / TICK_MS;
	TAILQ_INIT(&h->all);
	TAILQ_INIT(&h->behind);
	TAILQ_INIT(&h->dead);
	TAILQ_INIT(&h->inbox);
	for (int i = 0; i < SLOTS; i++)
		TAILQ_INIT(&h->slots[i]);
	must(pthread_mutex_init(&h->mutex, NULL) == 0);
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(h->epoll >= 0 && h->wake >= 0);
	h->view.delivered = delivered;
	h->departures = departures_open(store, delivered, h->wake);
	/* Without a doorbell it looks by itself, every look_ms. */
	h->bell = store_wake_open(store, &lacking);
	if (h->bell >= 0 || lacking)
		rc = preload(h);
	if (rc != DB_OK) {
		log_error(
		    "hub cannot start; see `parlor check`", "rc=%d", (int)rc);
		discard(h);
		return DB_FAIL;
	}
	watch(h, h->wake, &h->wake);
	if (h->bell >= 0)
		watch(h, h->bell, &h->bell);
	must(pthread_create(&h->thread, NULL, run, h) == 0);
	*out = h;
	return DB_OK;
}

void
hub_add(struct hub *h, int fd, const struct subscription *sub,
    const struct stream_quota_owner *owner, const struct buf *head)
{
	struct subscriber *s =
	    subscriber_make(fd, sub, owner, head, h->view.settings);
	int on = 1, size = (int)h->view.settings->sndbuf;
	int unacknowledged = STALL_MS;

	/* A unix socket has no such options. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged,
	    sizeof(unacknowledged));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	must(pthread_mutex_lock(&h->mutex) == 0);
	TAILQ_INSERT_TAIL(&h->inbox, s, all);
	must(pthread_mutex_unlock(&h->mutex) == 0);
	ring_bell(h);
}

static void
give_order(struct hub *h, enum order order)
{
	must(pthread_mutex_lock(&h->mutex) == 0);
	h->order = order;
	must(pthread_mutex_unlock(&h->mutex) == 0);
	ring_bell(h);
}

void
hub_send_away(struct hub *h)
{
	give_order(h, ORDER_SEND_AWAY);
}

void
hub_say_goodbye(struct hub *h)
{
	give_order(h, ORDER_GOODBYE);
}

void
hub_stop(struct hub *h)
{
	if (h == NULL)
		return;
	give_order(h, ORDER_STOP);
	must(pthread_join(h->thread, NULL) == 0);
	departures_finish(h->departures);
	discard(h);
}

void
hub_count(struct hub *h, struct hub_counts *c)
{
	c->opened = atomic_load(&h->opened);
	c->closed = atomic_load(&h->closed);
	c->polls = atomic_load(&h->polls);
	c->events = atomic_load(&h->events);
	c->deliveries = atomic_load(&h->view.deliveries);
	c->bytes = atomic_load(&h->view.bytes);
	c->replays = atomic_load(&h->view.replays);
	c->slow = atomic_load(&h->view.slow);
	c->frames = atomic_load(&h->frames);
	c->ring_bytes = atomic_load(&h->ring_bytes);
}
