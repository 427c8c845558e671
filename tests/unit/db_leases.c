/* Leases do not run while nobody could be served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/base/clock.h"
#include "db/chat/expiry.h"
#include "db/chat/leases.h"
#include "db/chat/arrivals.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

enum {
	PROMISE = 1000, /* of a daemon */
	SILENCE = 5000, /* of requests */
	POLL = 15000,
	OUTAGE = 17000
};

struct scene {
	struct fixture *fixture;
	struct room room;
	struct chatter kim;
	int64_t head;
};

static void
poll_once(struct scene *s)
{
	struct entry e = {
		.transport = TRANSPORT_POLL, .conn = "poll", .lease_ms = POLL
	};

	assert_int_equal(
	    act_enter(s->fixture, &s->room, &s->kim, &e, NULL), DB_OK);
}

/* Kim polls once. */
static struct scene
scene(void **state)
{
	struct scene s = { .fixture = *state };

	s.room = make_room(s.fixture, "lobby", make_user(s.fixture), 9);
	s.kim = make_member(s.fixture, &s.room, "kim");
	poll_once(&s);
	s.head = eventlog_head(s.fixture);
	return s;
}

static void
note(const struct scene *s)
{
	assert_int_equal(
	    leases_note(s->fixture->db, SERVICE_STREAMS, PROMISE), DB_OK);
}

static void
note_api(const struct scene *s)
{
	assert_int_equal(
	    leases_note(s->fixture->db, SERVICE_API, PROMISE), DB_OK);
}

static void
note_request(const struct scene *s)
{
	assert_int_equal(
	    leases_note(s->fixture->db, SERVICE_REQUESTS, SILENCE), DB_OK);
}

static void
reap(const struct scene *s)
{
	enum db_rc rc = act_reap(s->fixture);

	assert_true(rc == DB_OK || rc == DB_NONE);
}

static void
assert_left(const struct scene *s, int times)
{
	assert_int_equal(
	    eventlog_count(s->fixture, s->head, "\"left\":["), times);
	assert_int_equal(
	    eventlog_count(s->fixture, s->head, "\"joined\":["), 0);
}

static enum db_rc
new_boot(struct db *db, void *arg)
{
	(void)arg;
	return leases_new_boot(db);
}

static void
A3_s2_18_who_polls_again_after_an_outage_has_not_left(void **state)
{
	struct scene s = scene(state);

	note(&s);
	fake_clock_advance(OUTAGE);
	/* The request comes before any daemon has noticed. */
	poll_once(&s);
	assert_left(&s, 0);
}

static void
A3_s2_18_an_outage_is_counted_once_and_no_further(void **state)
{
	struct scene s = scene(state);
	int64_t left = POLL;

	note(&s);
	fake_clock_advance(OUTAGE);
	note(&s);
	reap(&s);
	for (; left > PROMISE; left -= PROMISE) {
		reap(&s);
		assert_left(&s, 0);
		fake_clock_advance(PROMISE);
		note(&s);
	}
	fake_clock_advance(left);
	reap(&s);
	assert_left(&s, 1);
}

static void
A3_what_had_expired_before_the_outage_is_told_after_it(void **state)
{
	struct scene s = scene(state);

	fake_clock_advance(POLL);
	note(&s);
	fake_clock_advance(OUTAGE);
	reap(&s);
	assert_left(&s, 1);
}

static void
A3_s2_18_the_streams_of_a_daemon_keep_its_lease_through_an_outage(void **state)
{
	struct scene s = scene(state);
	struct node_id node = make_node(s.fixture, 10000);

	(void)act_open_stream(s.fixture, &s.room, &s.kim, node, "tab");
	note(&s);
	fake_clock_advance(OUTAGE);
	note(&s);
	assert_int_equal(expiry_due(s.fixture->db, 0), DB_NONE);
	for (int i = 0; i < 10; i++) {
		fake_clock_advance(PROMISE);
		note(&s);
		assert_int_equal(expiry_due(s.fixture->db, 0), DB_NONE);
	}
	fake_clock_advance(PROMISE);
	assert_int_equal(expiry_due(s.fixture->db, 0), DB_OK);
}

static void
A3_where_requests_are_the_service_a_long_silence_ends_no_lease(void **state)
{
	struct scene s = scene(state);

	note_request(&s);
	fake_clock_advance(100 * OUTAGE);
	poll_once(&s);
	assert_left(&s, 0);
}

static void
A3_where_requests_are_the_service_who_goes_is_told_as_gone(void **state)
{
	struct scene s = scene(state);

	for (int i = 0; i < POLL / SILENCE; i++) {
		note_request(&s);
		reap(&s);
		assert_left(&s, 0);
		fake_clock_advance(SILENCE);
	}
	note_request(&s);
	reap(&s);
	assert_left(&s, 1);
}

static void
A3_a_request_beside_a_daemon_leaves_its_promise_alone(void **state)
{
	struct scene s = scene(state);

	note(&s);
	fake_clock_advance(PROMISE);
	note_request(&s);
	fake_clock_advance(OUTAGE);
	poll_once(&s);
	assert_left(&s, 0);
}

static void
A3_each_daemon_out_of_order_ends_no_lease_while_the_other_serves(void **state)
{
	void (*const notes[])(const struct scene *) = { note, note_api };
	struct scene s = scene(state);

	for (int i = 0; i < 2; i++) {
		note(&s);
		note_api(&s);
		poll_once(&s);
		for (int64_t down = 0; down < OUTAGE; down += PROMISE) {
			fake_clock_advance(PROMISE);
			notes[i](&s);
			reap(&s);
			assert_left(&s, 0);
		}
		/* When the service is back, the rest of the lease remains. */
		notes[1 - i](&s);
		fake_clock_advance(PROMISE);
		note(&s);
		note_api(&s);
		reap(&s);
		assert_left(&s, 0);
	}
	for (int64_t over = 0; over <= POLL; over += PROMISE) {
		note(&s);
		note_api(&s);
		fake_clock_advance(PROMISE);
	}
	note(&s);
	note_api(&s);
	reap(&s);
	assert_left(&s, 1);
}

static void
A3_a_daemon_that_does_not_come_back_delays_leaves_no_longer_than_said(
    void **state)
{
	struct scene s = scene(state);
	int64_t begun = clock_lease(), took = 0;

	note(&s);
	note_api(&s);
	while (took < LEASES_GIVEN_UP_MS + 2 * POLL &&
	    eventlog_count(s.fixture, s.head, "\"left\":[") == 0) {
		fake_clock_advance(PROMISE);
		note_api(&s);
		reap(&s);
		took = clock_lease() - begun;
	}
	assert_left(&s, 1);
	assert_true(took >= LEASES_GIVEN_UP_MS + POLL);
	assert_true(took <= LEASES_GIVEN_UP_MS + POLL + 2 * PROMISE);
}

/* When the first daemon returns, the time is not added again. */
static void
A3_outages_that_overlap_count_once(void **state)
{
	struct scene s = scene(state);

	note(&s);
	note_api(&s);
	fake_clock_advance(OUTAGE);
	reap(&s);
	note_api(&s);
	reap(&s);
	note(&s);
	reap(&s);
	for (int64_t left = POLL; left > 0; left -= PROMISE) {
		reap(&s);
		assert_left(&s, 0);
		fake_clock_advance(PROMISE);
		note(&s);
		note_api(&s);
	}
	/* A check during an outage moves leases by one step. */
	fake_clock_advance(PROMISE);
	reap(&s);
	assert_left(&s, 1);
}

static void
A3_an_outage_of_all_is_not_counted_however_long(void **state)
{
	struct scene s = scene(state);

	note(&s);
	note_api(&s);
	fake_clock_advance(5 * LEASES_GIVEN_UP_MS);
	poll_once(&s);
	note(&s);
	note_api(&s);
	reap(&s);
	assert_left(&s, 0);
}

/* Notes from before a restart of the machine are ignored. */
static void
A3_notes_of_another_boot_move_no_lease(void **state)
{
	struct scene s = scene(state);

	note(&s);
	note_request(&s);
	assert_int_equal(db_write(s.fixture->db, new_boot, NULL), DB_OK);
	fake_clock_advance(OUTAGE);
	reap(&s);
	assert_left(&s, 1);
}

static enum db_rc
could_not_write(struct db *db, void *arg)
{
	const int64_t *from = arg;

	return leases_shift(db, *from, clock_lease());
}

static void
A3_whoever_knows_of_an_interruption_can_move_the_leases(void **state)
{
	struct scene s = scene(state);
	int64_t from = clock_lease();

	note(&s);
	fake_clock_advance(OUTAGE);
	/* So does a daemon that could not write notes meanwhile. */
	assert_int_equal(
	    db_write(s.fixture->db, could_not_write, &from), DB_OK);
	assert_int_equal(
	    db_write(s.fixture->db, could_not_write, &from), DB_OK);
	note(&s);
	reap(&s);
	assert_left(&s, 0);
	for (int64_t over = 0; over < POLL; over += PROMISE) {
		fake_clock_advance(PROMISE);
		note(&s);
	}
	reap(&s);
	assert_left(&s, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    A3_s2_18_who_polls_again_after_an_outage_has_not_left),
		FIXTURE_TEST(A3_s2_18_an_outage_is_counted_once_and_no_further),
		FIXTURE_TEST(
		    A3_what_had_expired_before_the_outage_is_told_after_it),
		FIXTURE_TEST(
		    A3_s2_18_the_streams_of_a_daemon_keep_its_lease_through_an_outage),
		FIXTURE_TEST(
		    A3_where_requests_are_the_service_a_long_silence_ends_no_lease),
		FIXTURE_TEST(
		    A3_where_requests_are_the_service_who_goes_is_told_as_gone),
		FIXTURE_TEST(
		    A3_a_request_beside_a_daemon_leaves_its_promise_alone),
		FIXTURE_TEST(
		    A3_each_daemon_out_of_order_ends_no_lease_while_the_other_serves),
		FIXTURE_TEST(
		    A3_a_daemon_that_does_not_come_back_delays_leaves_no_longer_than_said),
		FIXTURE_TEST(A3_outages_that_overlap_count_once),
		FIXTURE_TEST(A3_an_outage_of_all_is_not_counted_however_long),
		FIXTURE_TEST(A3_notes_of_another_boot_move_no_lease),
		FIXTURE_TEST(
		    A3_whoever_knows_of_an_interruption_can_move_the_leases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
