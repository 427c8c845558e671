#include "poller/hub.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/storage.h"
#include "poller/departures.h"
#include "poller/roster.h"
#include "poller/shutdown.h"
#include "poller/tail.h"

enum { READY_AT_ONCE = 512 };

enum order { ORDER_NONE, ORDER_SEND_AWAY, ORDER_GOODBYE, ORDER_STOP };

struct hub {
	/* set before the thread starts */
	struct store *store;
	struct departures *departures;
	int epoll, wake, bell;
	pthread_t thread;

	/* the thread's own */
	struct view view;
	struct roster roster;
	int stopping;
	int64_t stop_at; /* 0: the hub is not stopping */
	int rung; /* there may be new events */
	int64_t looked; /* lease ms, when the log was last read */

	/* under the mutex */
	pthread_mutex_t mutex;
	struct sessions inbox;
	enum order order;

	/* any thread's */
	atomic_uint_fast64_t events, frames, ring_bytes;
};

static void
ring_bell(struct hub *h)
{
	uint64_t one = 1;

	must(write(h->wake, &one, sizeof(one)) == sizeof(one) ||
	    errno == EAGAIN);
}

/* Reads all new events of the log before any session is written to. */
static void
read_log(struct hub *h)
{
	struct tail_news news;

	h->rung = 0;
	h->looked = h->view.now;
	tail_read(&h->view, &news);
	atomic_fetch_add(&h->events, (uint64_t)news.n);
	if (news.lost)
		roster_send_back_all(&h->roster);
	roster_fan_out(&h->roster, &news.touched);
	ring_trim(h->view.ring);
	atomic_store(&h->frames, ring_frames(h->view.ring));
	atomic_store(&h->ring_bytes, ring_bytes(h->view.ring));
}

/* Takes the answers of commands that are done. */
static void
take_answers(struct hub *h)
{
	struct command_list answered = STAILQ_HEAD_INITIALIZER(answered);
	struct command *c;

	commands_take(h->view.commands, &answered);
	while ((c = STAILQ_FIRST(&answered)) != NULL) {
		STAILQ_REMOVE_HEAD(&answered, entry);
		roster_answered(&h->roster, c);
	}
}

static void
read_inbox(struct hub *h)
{
	struct sessions arrived = TAILQ_HEAD_INITIALIZER(arrived);
	struct session *s;
	enum order order;
	uint64_t n;

	(void)!read(h->wake, &n, sizeof(n));
	must(pthread_mutex_lock(&h->mutex) == 0);
	TAILQ_CONCAT(&arrived, &h->inbox, all);
	order = h->order;
	h->order = ORDER_NONE;
	must(pthread_mutex_unlock(&h->mutex) == 0);
	/* A new session must not get frames that predate an erasure. */
	if (!TAILQ_EMPTY(&arrived))
		read_log(h);
	while ((s = TAILQ_FIRST(&arrived)) != NULL) {
		TAILQ_REMOVE(&arrived, s, all);
		roster_admit(&h->roster, s);
	}
	take_answers(h);
	if (order == ORDER_SEND_AWAY)
		roster_end_all(&h->roster, "restart");
	if (order == ORDER_GOODBYE || order == ORDER_STOP) {
		h->view.leaving = 1;
		read_log(h);
		roster_end_all(&h->roster, "shutdown");
		if (h->stop_at == 0)
			h->stop_at = h->view.now +
			    shutdown_share(h->view.settings, SHUTDOWN_STREAMS);
	}
	if (order == ORDER_STOP)
		h->stopping = 1;
}

/* Reads the log if the doorbell has rung, and every look_ms in any case. */
static void
look(struct hub *h, int n)
{
	if (h->rung || h->bell < 0 || n == 0 ||
	    h->view.now - h->looked >= h->view.settings->look_ms)
		read_log(h);
}

static void
turn(struct hub *h, struct epoll_event *ready, int n)
{
	h->view.now = clock_lease();
	h->view.db = store_db(h->store);
	if (h->view.db == NULL)
		return;
	for (int i = 0; i < n; i++) {
		struct session *s = ready[i].data.ptr;

		if (ready[i].data.ptr == &h->bell) {
			store_wake_clear(h->bell);
			h->rung = 1;
		} else if (ready[i].data.ptr == &h->wake)
			read_inbox(h);
		else
			roster_on_socket(&h->roster, s, ready[i].events);
	}
	look(h, n);
	roster_catch_up(&h->roster);
	/*
	 * Sessions without presence must reconnect once the store can be
	 * written.
	 */
	if (store_storage(h->store) == STORAGE_OK)
		roster_end_outside(&h->roster, "restart");
	roster_on_time(&h->roster);
	roster_free_closed(&h->roster);
	departures_post(h->departures);
	store_rest(h->store);
}

static void *
run(void *arg)
{
	struct hub *h = arg;
	struct epoll_event ready[READY_AT_ONCE];
	int n, wait;

	while (!h->stopping ||
	    (!TAILQ_EMPTY(&h->roster.all) && h->view.now < h->stop_at)) {
		wait = TAILQ_EMPTY(&h->roster.behind) ?
		    (int)h->view.settings->look_ms :
		    0;
		n = epoll_wait(h->epoll, ready, READY_AT_ONCE, wait);
		turn(h, ready, n > 0 ? n : 0);
	}
	commands_stop(h->view.commands);
	take_answers(h);
	roster_close_all(&h->roster);
	departures_post(h->departures);
	return NULL;
}

static void
watch(struct hub *h, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	must(epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

static enum db_rc
open_view(struct hub *h)
{
	struct db *db = store_db(h->store);

	return db != NULL ? tail_open(&h->view, db) : DB_FAIL;
}

/* Frees a hub whose thread has ended or never began. */
static void
discard(struct hub *h)
{
	ring_close(h->view.ring);
	if (h->bell >= 0)
		(void)close(h->bell);
	(void)close(h->wake);
	(void)close(h->epoll);
	must(pthread_mutex_destroy(&h->mutex) == 0);
	commands_close(h->view.commands);
	departures_close(h->departures);
	roster_done(&h->roster);
	free(h);
}

enum db_rc
hub_start(struct store *store, const struct settings *settings,
    const struct hub_quotas *quotas, const struct notes *notes,
    const struct command_handler *handler, struct hub **out)
{
	struct hub *h = must_alloc(sizeof(*h));
	enum db_rc rc = DB_FAIL;
	int lacking;

	h->store = store;
	h->view.settings = settings;
	h->view.now = clock_lease();
	TAILQ_INIT(&h->inbox);
	must(pthread_mutex_init(&h->mutex, NULL) == 0);
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(h->epoll >= 0 && h->wake >= 0);
	h->view.delivered = notes->of_streams;
	h->departures = departures_open(store, notes, h->wake);
	h->roster.view = &h->view;
	h->roster.quotas = *quotas;
	h->roster.departures = h->departures;
	h->roster.epoll = h->epoll;
	roster_init(&h->roster);
	/* Without a doorbell the hub polls the log every look_ms. */
	h->bell = store_wake_open(store, &lacking);
	if (h->bell >= 0 || lacking)
		rc = open_view(h);
	if (rc != DB_OK) {
		log_error(
		    "hub cannot start; see `parlor check`", "rc=%d", (int)rc);
		discard(h);
		return DB_FAIL;
	}
	watch(h, h->wake, &h->wake);
	if (h->bell >= 0)
		watch(h, h->bell, &h->bell);
	h->view.commands = commands_start(store, handler, h->wake);
	must(pthread_create(&h->thread, NULL, run, h) == 0);
	*out = h;
	return DB_OK;
}

void
hub_add(struct hub *h, int fd, const struct subscription *sub,
    const struct stream_quota_owner *owner, const struct buf *begun,
    const struct reuse *reuse)
{
	struct session *s =
	    session_open(fd, sub, owner, begun, reuse, h->view.settings);

	/* The options would stay when the connection is given back. */
	if (reuse == NULL)
		socket_tune(fd, h->view.settings);
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
	c->opened = atomic_load(&h->roster.n_opened);
	c->closed = atomic_load(&h->roster.n_closed);
	c->polls = atomic_load(&h->roster.n_polls);
	c->events = atomic_load(&h->events);
	c->deliveries = atomic_load(&h->view.deliveries);
	c->bytes = atomic_load(&h->view.bytes);
	c->replays = atomic_load(&h->view.replays);
	c->slow = atomic_load(&h->view.slow);
	c->frames = atomic_load(&h->frames);
	c->ring_bytes = atomic_load(&h->ring_bytes);
}
