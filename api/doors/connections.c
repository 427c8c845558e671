#include "api/doors/connections.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/descriptors.h"
#include "db/base/log.h"
#include "db/base/must.h"

enum {
	ARRIVING_MAX = 1024, /* requests, and half of the descriptors */
	ARRIVING_BYTES = 16 * 1024 * 1024, /* a hundred of the largest */
	LEAVING_BYTES = 16 * 1024 * 1024,
	LEAVING_MS = 60000, /* 2 KB/s for an answer of 128 KiB */
	LOOK_MS = 1000, /* the longest wait while there are connections */
	SHORT_MS = 100, /* a pause without descriptors */
	EVENTS = 64,
	READ_AT_ONCE = 65536
};

struct connections {
	struct request_queue *queue;
	int listens, epoll;
	int64_t arriving_ms, hang_ms;
	atomic_int_fast64_t *due;
	struct transfer_list arriving, leaving; /* the longest there first */
	int n_arriving, arriving_max;
	size_t arriving_bytes, leaving_bytes;
	int listening; /* the listening socket is in the epoll set */
	int64_t pause; /* accept nothing before, lease ms; 0: no pause */
	int is_short; /* the shortage of descriptors has been logged */
	char bytes[READ_AT_ONCE];
};

static void
watch(struct connections *cs, int fd, uint32_t events, void *what)
{
	struct epoll_event event = { .events = events, .data.ptr = what };

	must(epoll_ctl(cs->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void
unwatch(struct connections *cs, int fd)
{
	must(epoll_ctl(cs->epoll, EPOLL_CTL_DEL, fd, NULL) == 0);
}

static void
watch_transfer(struct connections *cs, struct transfer *t, uint32_t events)
{
	watch(cs, t->fd, events, t);
	t->watched = 1;
}

static void
unwatch_transfer(struct connections *cs, struct transfer *t)
{
	if (t->watched)
		unwatch(cs, t->fd);
	t->watched = 0;
}

static void
listen_or_not(struct connections *cs, int listen)
{
	if (listen == cs->listening)
		return;
	if (listen)
		watch(cs, cs->listens, EPOLLIN, &cs->listens);
	else
		unwatch(cs, cs->listens);
	cs->listening = listen;
}

struct connections *
connections_open(const struct settings *settings, struct request_queue *queue,
    int listens, atomic_int_fast64_t *due)
{
	struct connections *cs = must_alloc(sizeof(*cs));

	*cs = (struct connections){ .queue = queue,
		.listens = listens,
		.arriving_ms = settings->request_deadline_ms,
		.arriving_max = ARRIVING_MAX,
		.hang_ms = settings->hang_ms,
		.due = due };
	/* The store opens files for each handler thread that gets its first request. */
	if (descriptors_limit() / 2 < ARRIVING_MAX)
		cs->arriving_max = (int)(descriptors_limit() / 2);
	TAILQ_INIT(&cs->arriving);
	TAILQ_INIT(&cs->leaving);
	cs->epoll = epoll_create1(EPOLL_CLOEXEC);
	must(cs->epoll >= 0);
	watch(cs, request_queue_wakes(queue), EPOLLIN, queue);
	return cs;
}

void
connections_close(struct connections *cs)
{
	must(TAILQ_EMPTY(&cs->arriving) && TAILQ_EMPTY(&cs->leaving));
	(void)close(cs->epoll);
	free(cs);
}

/* Takes a request off those that are arriving. */
static void
take_off(struct connections *cs, struct transfer *t)
{
	TAILQ_REMOVE(&cs->arriving, t, entry);
	cs->n_arriving--;
	cs->arriving_bytes -= fastcgi_memory(&t->request);
}

/* Ends a request that has not arrived, with an answer if it has begun. */
static void
refuse(struct connections *cs, struct transfer *t)
{
	take_off(cs, t);
	if (t->request.id != 0) {
		t->reply = reply_problem(PROBLEM_MALFORMED_REQUEST);
		transfer_render(t);
		(void)transfer_send(t);
	}
	transfer_close(t);
}

/* Reads what has come of a request.  1: there is more to come. */
static int
arrive(struct connections *cs, struct transfer *t)
{
	size_t before = fastcgi_memory(&t->request);
	ssize_t n = recv(t->fd, cs->bytes, sizeof(cs->bytes), MSG_DONTWAIT);
	enum fastcgi_state state;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	state = n > 0 ? fastcgi_read(&t->request, cs->bytes, (size_t)n) :
			FASTCGI_WRONG;
	cs->arriving_bytes += fastcgi_memory(&t->request) - before;
	if (t->request.say.len > 0 && transfer_say(t) != 0)
		state = FASTCGI_WRONG;
	if (state == FASTCGI_MORE)
		return 1;
	if (state == FASTCGI_WHOLE) {
		take_off(cs, t);
		unwatch_transfer(cs, t);
		request_queue_give(cs->queue, t);
		return 0;
	}
	/* A peer that speaks no FastCGI gets no answer. */
	if (state != FASTCGI_LONG)
		t->request.id = 0;
	refuse(cs, t);
	return 0;
}

/* Sends more of an answer. */
static void
leave(struct connections *cs, struct transfer *t)
{
	size_t before = t->sent;
	int gone = transfer_send(t) != 0;

	cs->leaving_bytes -= t->sent - before;
	if (!gone && t->sent < t->out.len)
		return;
	cs->leaving_bytes -= t->out.len - t->sent;
	TAILQ_REMOVE(&cs->leaving, t, entry);
	unwatch_transfer(cs, t);
	t->unsent = gone;
	if (gone && t->reply.handed != NULL)
		request_queue_give(cs->queue, t);
	else
		transfer_close(t);
}

static void
cut_off(struct connections *cs)
{
	int64_t now = clock_lease();
	struct transfer *t;

	while ((t = TAILQ_FIRST(&cs->arriving)) != NULL &&
	    (t->until <= now || cs->n_arriving > cs->arriving_max ||
		cs->arriving_bytes > ARRIVING_BYTES))
		refuse(cs, t);
	while ((t = TAILQ_FIRST(&cs->leaving)) != NULL &&
	    (t->until <= now || cs->leaving_bytes > LEAVING_BYTES)) {
		(void)shutdown(t->fd, SHUT_RDWR);
		leave(cs, t);
	}
}

/* Takes the answers that the handler threads could not send at once. */
static void
collect(struct connections *cs)
{
	struct transfer_list answered = TAILQ_HEAD_INITIALIZER(answered);
	struct transfer *t;

	request_queue_collect(cs->queue, &answered);
	while ((t = TAILQ_FIRST(&answered)) != NULL) {
		TAILQ_REMOVE(&answered, t, entry);
		TAILQ_INSERT_TAIL(&cs->leaving, t, entry);
		cs->leaving_bytes += t->out.len - t->sent;
		t->until = clock_lease() + LEAVING_MS;
		watch_transfer(cs, t, EPOLLOUT);
	}
}

/* Out of descriptors: they come back when other requests end. */
static void
pause_accepting(struct connections *cs)
{
	if (!cs->is_short)
		log_warn("descriptors are short; raise the limit of files",
		    "error=\"%s\"", strerror(errno));
	cs->is_short = 1;
	cs->pause = clock_lease() + SHORT_MS;
}

static void
begin(struct connections *cs, int fd)
{
	struct transfer *t = transfer_open(fd);

	t->until = clock_lease() + cs->arriving_ms;
	TAILQ_INSERT_TAIL(&cs->arriving, t, entry);
	cs->n_arriving++;
	if (arrive(cs, t))
		watch_transfer(cs, t, EPOLLIN);
}

static int
may_accept(struct connections *cs)
{
	return cs->pause == 0 && request_queue_has_room(cs->queue);
}

static void
accept_some(struct connections *cs)
{
	for (int i = 0; i < EVENTS && may_accept(cs); i++) {
		int fd = accept4(cs->listens, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0) {
			cs->is_short = 0;
			begin(cs, fd);
		} else if (descriptors_are_short(errno))
			pause_accepting(cs);
		else if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/* How long to wait, at most MS; -1: without end. */
static int
wait_ms(const struct connections *cs, int64_t ms)
{
	const struct transfer *first[] = { TAILQ_FIRST(&cs->arriving),
		TAILQ_FIRST(&cs->leaving) };
	int64_t now = clock_lease(), rest = ms >= 0 ? ms : INT64_MAX;

	for (int i = 0; i < 2; i++) {
		if (first[i] != NULL && rest > LOOK_MS)
			rest = LOOK_MS;
		if (first[i] != NULL && first[i]->until - now < rest)
			rest = first[i]->until - now;
	}
	if (cs->pause != 0 && cs->pause - now < rest)
		rest = cs->pause - now;
	if (rest == INT64_MAX) {
		atomic_store(cs->due, 0);
		return -1;
	}
	rest = rest > 0 ? rest : 0;
	atomic_store(cs->due, now + rest + cs->hang_ms);
	return (int)rest;
}

static void
take_event(struct connections *cs, void *what)
{
	struct transfer *t = what;
	eventfd_t times;

	if (what == cs->queue)
		(void)eventfd_read(request_queue_wakes(cs->queue), &times);
	else if (what != &cs->listens && t->out.len > 0)
		leave(cs, t);
	else if (what != &cs->listens)
		(void)arrive(cs, t);
}

int
connections_turn(struct connections *cs, int64_t ms)
{
	struct epoll_event events[EVENTS];
	int n, accepts = 0;

	listen_or_not(cs, may_accept(cs));
	if (TAILQ_EMPTY(&cs->arriving) && TAILQ_EMPTY(&cs->leaving) &&
	    request_queue_end(cs->queue)) {
		atomic_store(cs->due, 0);
		return 0;
	}
	n = epoll_wait(cs->epoll, events, EVENTS, wait_ms(cs, ms));
	atomic_store(cs->due, clock_lease() + cs->hang_ms);
	if (cs->pause != 0 && cs->pause <= clock_lease())
		cs->pause = 0;
	/* A connection is closed by its own event alone, or after them all. */
	for (int i = 0; i < n; i++) {
		accepts |= events[i].data.ptr == &cs->listens;
		take_event(cs, events[i].data.ptr);
	}
	collect(cs);
	if (accepts)
		accept_some(cs);
	cut_off(cs);
	return 1;
}
