/* How long each stage of a request may take, by a fake clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/doors/request_timeout.h"
#include "db/base/clock.h"

enum { SEAT = 3, READING_MS = 800, LOOK_MS = 100, WRITING_MS = 60000 };

static int64_t time_now;

static int64_t
lease(void)
{
	return time_now;
}

struct scene {
	struct settings settings;
	struct pulse pulse;
	struct request_timeout *timeout;
	int ours, theirs;
};

static int
setup(void **state)
{
	static struct scene scene;
	int ends[2];

	clock_lease = lease;
	time_now = 1000000;
	settings_default(&scene.settings);
	scene.settings.request_deadline_ms = READING_MS;
	scene.timeout = request_timeout_open(&scene.settings, &scene.pulse);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	scene.ours = ends[0];
	scene.theirs = ends[1];
	*state = &scene;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	request_timeout_done(s->timeout, SEAT);
	assert_int_equal(pulse_due(&s->pulse), 0);
	request_timeout_close(s->timeout);
	(void)close(s->ours);
	(void)close(s->theirs);
	return 0;
}

/* 1: FD is at its end; 0: there is nothing to read yet. */
static int
ended(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	assert_true(n == 0 || (n < 0 && errno == EAGAIN));
	return n == 0;
}

static void
a_request_that_does_not_arrive_is_cut_off_and_can_be_answered(void **state)
{
	struct scene *s = *state;
	char byte;

	request_timeout_reading(s->timeout, SEAT, dup(s->ours));
	time_now += READING_MS - 1;
	request_timeout_cut(s->timeout);
	assert_false(ended(s->ours));
	time_now += 1;
	request_timeout_cut(s->timeout);
	assert_true(ended(s->ours));
	assert_int_equal(send(s->ours, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(recv(s->theirs, &byte, 1, 0), 1);
}

static void
a_handler_is_never_cut_off(void **state)
{
	struct scene *s = *state;

	request_timeout_reading(s->timeout, SEAT, dup(s->ours));
	request_timeout_handling(s->timeout, SEAT);
	time_now += 10 * s->settings.hang_ms;
	request_timeout_cut(s->timeout);
	assert_false(ended(s->ours));
}

static void
an_answer_that_is_not_taken_is_cut_off_after_a_minute(void **state)
{
	struct scene *s = *state;

	request_timeout_reading(s->timeout, SEAT, dup(s->ours));
	request_timeout_handling(s->timeout, SEAT);
	request_timeout_writing(s->timeout, SEAT);
	time_now += WRITING_MS - 1;
	request_timeout_cut(s->timeout);
	assert_false(ended(s->theirs));
	time_now += 1;
	request_timeout_cut(s->timeout);
	assert_true(ended(s->theirs));
	assert_true(send(s->ours, "x", 1, MSG_NOSIGNAL) < 0);
}

static void
what_is_cut_off_is_the_connection_even_if_its_number_is_of_another(void **state)
{
	struct scene *s = *state;
	int other[2];

	request_timeout_reading(s->timeout, SEAT, dup(s->ours));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
	assert_int_equal(dup2(other[0], s->ours), s->ours);
	time_now += READING_MS;
	request_timeout_cut(s->timeout);
	assert_false(ended(s->ours));
	assert_true(send(s->theirs, "x", 1, MSG_NOSIGNAL) < 0);
	(void)close(other[0]);
	(void)close(other[1]);
}

static void
the_pulse_says_by_when_each_stage_moves_on(void **state)
{
	struct scene *s = *state;
	int64_t hang = s->settings.hang_ms, began = time_now;

	assert_int_equal(request_timeout_look_ms(s->timeout), LOOK_MS);
	assert_int_equal(pulse_due(&s->pulse), 0);
	request_timeout_reading(s->timeout, SEAT, dup(s->ours));
	assert_int_equal(
	    pulse_due(&s->pulse), began + READING_MS + LOOK_MS + hang);
	request_timeout_handling(s->timeout, SEAT);
	assert_int_equal(pulse_due(&s->pulse), began + hang);
	request_timeout_writing(s->timeout, SEAT);
	assert_int_equal(
	    pulse_due(&s->pulse), began + WRITING_MS + LOOK_MS + hang);
}

static void
the_pulse_of_many_is_that_of_the_first_to_be_due(void **state)
{
	struct scene *s = *state;
	int64_t began = time_now;

	request_timeout_handling(s->timeout, SEAT);
	time_now += 5;
	request_timeout_handling(s->timeout, SEAT + 1);
	assert_int_equal(pulse_due(&s->pulse), began + s->settings.hang_ms);
	request_timeout_done(s->timeout, SEAT);
	assert_int_equal(pulse_due(&s->pulse), began + 5 + s->settings.hang_ms);
	request_timeout_done(s->timeout, SEAT + 1);
}

#define SENTENCE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SENTENCE(
		    a_request_that_does_not_arrive_is_cut_off_and_can_be_answered),
		SENTENCE(a_handler_is_never_cut_off),
		SENTENCE(an_answer_that_is_not_taken_is_cut_off_after_a_minute),
		SENTENCE(
		    what_is_cut_off_is_the_connection_even_if_its_number_is_of_another),
		SENTENCE(the_pulse_says_by_when_each_stage_moves_on),
		SENTENCE(the_pulse_of_many_is_that_of_the_first_to_be_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
