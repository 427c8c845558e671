/* FastCGI connections, one turn at a time, by a fake clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/doors/connections.h"
#include "db/base/clock.h"

enum {
	WORKERS = 2,
	ARRIVING_MS = 800,
	LEAVING_MS = 60000,
	HANG_MS = 5000,
	LARGE = 3000000,
	MANY = 1030
};

static const char whole[] = "\1\1\0\1\0\10\0\0"
			    "\0\1\0\0\0\0\0\0"
			    "\1\4\0\1\0\0\0\0"
			    "\1\5\0\1\0\0\0\0";
enum { WHOLE = sizeof(whole) - 1, HALF = 24 };

static int64_t time_now;

static int64_t
lease(void)
{
	return time_now;
}

struct scene {
	struct settings settings;
	struct sockaddr_un at;
	int listens;
	atomic_int_fast64_t due;
	struct request_queue *queue;
	struct connections *connections;
};

static int
setup(void **state)
{
	static struct scene s;
	socklen_t len = sizeof(s.at);

	clock_lease = lease;
	time_now = 1000000;
	settings_default(&s.settings);
	s.settings.request_deadline_ms = ARRIVING_MS;
	s.settings.hang_ms = HANG_MS;
	s.listens = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	/* An address of no more than the family is chosen by the kernel. */
	s.at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	assert_int_equal(
	    bind(s.listens, (struct sockaddr *)&s.at, sizeof(s.at.sun_family)),
	    0);
	assert_int_equal(
	    getsockname(s.listens, (struct sockaddr *)&s.at, &len), 0);
	assert_int_equal(listen(s.listens, MANY), 0);
	s.queue = request_queue_open(WORKERS);
	s.connections =
	    connections_open(&s.settings, s.queue, s.listens, &s.due);
	*state = &s;
	return 0;
}

/* The test itself turns, before it takes. */
static void
never(void *arg)
{
	(void)arg;
	fail();
}

static void
turn(struct scene *s)
{
	assert_int_equal(connections_turn(s->connections, 0), 1);
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	time_now += LEAVING_MS;
	(void)connections_turn(s->connections, 0);
	request_queue_stop(s->queue);
	assert_int_equal(connections_turn(s->connections, 0), 0);
	assert_null(request_queue_take(s->queue, never, NULL));
	assert_int_equal(s->due, 0);
	connections_close(s->connections);
	request_queue_close(s->queue);
	(void)close(s->listens);
	return 0;
}

static int
peer(struct scene *s, const char *bytes, size_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&s->at,
			     (socklen_t)sizeof(s->at.sun_family) + 6),
	    0);
	assert_int_equal(send(fd, bytes, len, 0), len);
	return fd;
}

/* Reads until the end of the connection, or as far as there is something. */
static size_t
received(int fd, int *ended)
{
	char bytes[65536];
	size_t all = 0;
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		all += (size_t)n;
	*ended = n == 0 || errno == ECONNRESET;
	return all;
}

/* Whether the connection has ended, without an answer. */
static int
is_closed(int fd)
{
	int ended;

	assert_int_equal(received(fd, &ended), 0);
	return ended;
}

static int
is_answered(int fd)
{
	int ended;

	return received(fd, &ended) > 0 && ended;
}

/* Answers as a worker does, with a reply of LEN bytes. */
static void
answer(struct scene *s, size_t len)
{
	struct transfer *t = request_queue_take(s->queue, never, NULL);

	t->reply = reply_json(200);
	(void)buf_space(&t->reply.body, len);
	memset(t->reply.body.p, 'x', len);
	t->reply.body.len = len;
	transfer_render(t);
	assert_int_equal(transfer_send(t), 0);
	if (t->sent == t->out.len) {
		transfer_close(t);
		t = NULL;
	}
	request_queue_release(s->queue, t);
}

static void
a_worker_gets_a_request_when_it_is_whole(void **state)
{
	struct scene *s = *state;
	int fd = peer(s, whole, HALF);

	turn(s);
	turn(s);
	assert_int_equal(request_queue_busy(s->queue), 0);
	assert_int_equal(send(fd, whole + HALF, WHOLE - HALF, 0), WHOLE - HALF);
	turn(s);
	assert_int_equal(request_queue_busy(s->queue), 1);
	answer(s, 10);
	assert_true(is_answered(fd));
	assert_int_equal(request_queue_busy(s->queue), 0);
	(void)close(fd);
}

static void
a_request_that_does_not_arrive_in_time_is_refused(void **state)
{
	struct scene *s = *state;
	int half = peer(s, whole, HALF), nothing = peer(s, "", 0);

	turn(s);
	time_now += ARRIVING_MS - 1;
	turn(s);
	assert_false(is_closed(half) || is_closed(nothing));
	time_now += 1;
	turn(s);
	assert_true(is_answered(half));
	assert_true(is_closed(nothing));
	(void)close(half);
	(void)close(nothing);
}

static void
what_a_slow_reader_leaves_is_no_worker_s(void **state)
{
	struct scene *s = *state;
	size_t all = 0;
	int fd = peer(s, whole, WHOLE), ended = 0;

	turn(s);
	answer(s, LARGE);
	assert_int_equal(request_queue_busy(s->queue), 0);
	while (!ended) {
		turn(s);
		all += received(fd, &ended);
	}
	assert_true(all > LARGE);
	(void)close(fd);
}

static void
an_answer_that_is_not_taken_is_cut_off_after_a_minute(void **state)
{
	struct scene *s = *state;
	int fd = peer(s, whole, WHOLE), ended = 0;

	turn(s);
	answer(s, LARGE);
	turn(s);
	time_now += LEAVING_MS;
	turn(s);
	assert_true(received(fd, &ended) < LARGE);
	assert_true(ended);
	(void)close(fd);
}

static void
answers_that_are_not_taken_use_bounded_memory(void **state)
{
	struct scene *s = *state;
	int fds[8], cut = 0;

	for (int i = 0; i < 8; i++) {
		int ended;

		fds[i] = peer(s, whole, WHOLE);
		turn(s);
		answer(s, LARGE);
		turn(s);
		if (i > 0) {
			(void)received(fds[0], &ended);
			cut += ended;
		}
	}
	assert_true(cut > 0);
	for (int i = 0; i < 8; i++)
		(void)close(fds[i]);
}

static void
the_oldest_gives_way_when_too_many_are_arriving(void **state)
{
	static int fds[MANY];
	struct scene *s = *state;
	int closed = 0;

	for (int i = 0; i < MANY; i++) {
		fds[i] = peer(s, "", 0);
		turn(s);
	}
	for (int i = 0; i < MANY; i++) {
		int is = is_closed(fds[i]);

		assert_int_equal(is, i < MANY - 1024);
		closed += is;
		(void)close(fds[i]);
	}
	assert_int_equal(closed, MANY - 1024);
}

static void
nothing_is_accepted_while_all_workers_have_requests(void **state)
{
	struct scene *s = *state;
	int fds[WORKERS + 1];

	for (int i = 0; i < WORKERS + 1; i++)
		fds[i] = peer(s, whole, WHOLE);
	turn(s);
	turn(s);
	assert_int_equal(request_queue_busy(s->queue), WORKERS);
	answer(s, 1);
	turn(s);
	turn(s);
	assert_int_equal(request_queue_busy(s->queue), WORKERS);
	answer(s, 1);
	answer(s, 1);
	for (int i = 0; i < WORKERS + 1; i++) {
		assert_true(is_answered(fds[i]));
		(void)close(fds[i]);
	}
}

static void
requests_that_have_begun_are_answered_before_the_end(void **state)
{
	struct scene *s = *state;
	int begun = peer(s, whole, HALF), late;

	turn(s);
	request_queue_stop(s->queue);
	late = peer(s, whole, WHOLE);
	turn(s);
	assert_int_equal(request_queue_busy(s->queue), 0);
	assert_int_equal(
	    send(begun, whole + HALF, WHOLE - HALF, 0), WHOLE - HALF);
	turn(s);
	answer(s, 1);
	assert_true(is_answered(begun));
	assert_false(is_closed(late));
	assert_int_equal(connections_turn(s->connections, 0), 0);
	(void)close(begun);
	(void)close(late);
}

static void
who_goes_away_is_forgotten(void **state)
{
	struct scene *s = *state;
	int gone = peer(s, whole, HALF), fd = peer(s, whole, WHOLE);
	struct transfer *t;

	turn(s);
	(void)close(gone);
	(void)close(fd);
	turn(s);
	assert_int_equal(request_queue_busy(s->queue), 1);
	assert_int_equal(s->due, time_now + HANG_MS);
	t = request_queue_take(s->queue, never, NULL);
	t->reply = reply_json(200);
	transfer_render(t);
	assert_int_equal(transfer_send(t), -1);
	transfer_close(t);
	request_queue_release(s->queue, NULL);
}

#define SENTENCE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SENTENCE(a_worker_gets_a_request_when_it_is_whole),
		SENTENCE(a_request_that_does_not_arrive_in_time_is_refused),
		SENTENCE(what_a_slow_reader_leaves_is_no_worker_s),
		SENTENCE(an_answer_that_is_not_taken_is_cut_off_after_a_minute),
		SENTENCE(answers_that_are_not_taken_use_bounded_memory),
		SENTENCE(the_oldest_gives_way_when_too_many_are_arriving),
		SENTENCE(nothing_is_accepted_while_all_workers_have_requests),
		SENTENCE(requests_that_have_begun_are_answered_before_the_end),
		SENTENCE(who_goes_away_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
