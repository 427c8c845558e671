/* Rooms that are full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>

#include "db/rows/chatters.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

static void
s4_2_a_full_room_counts_chatters_and_refuses_the_next(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 2);
	struct chatter kim = make_member(f, &room, "kim"), c;
	struct chatter lee = make_member(f, &room, "lee");
	struct node_id node = make_node(f, 1000000);
	struct user_id third = make_user(f);
	int64_t head;

	(void)act_open_stream(f, &room, &kim, node, "a");
	(void)act_open_stream(f, &room, &kim, node, "b");
	(void)act_open_stream(f, &room, &lee, node, "a");
	assert_true(fixture_online(f, &room) == 2);
	head = eventlog_head(f);
	assert_int_equal(act_join(f, &room, third, "third", &c), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ROOM_FULL);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(chatters_of_user(f->db, room.id, third, &c), DB_NONE);
	act_leave(f, &room, &lee, LEAVE_LEFT);
	assert_int_equal(act_join(f, &room, third, "third", &c), DB_OK);
}

static void
s4_4_who_is_within_the_grace_and_the_owner_enter_a_full_room(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 1);
	struct chatter kim = make_member(f, &room, "kim"), boss;
	struct node_id node = make_node(f, 1000000);
	struct presence_id id = act_open_stream(f, &room, &kim, node, "a");
	int64_t head = eventlog_head(f);

	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE - 1);
	(void)act_open_stream(f, &room, &kim, node, "other");
	assert_true(eventlog_head(f) == head);
	assert_int_equal(act_join(f, &room, room.owner, "boss", &boss), DB_OK);
	assert_true(fixture_online(f, &room) == 2);
}

struct racer {
	pthread_t thread;
	struct fixture *fixture;
	const struct room *room;
	struct user_id user;
	enum db_rc rc;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct fixture own = *r->fixture;
	struct chatter c;

	own.db = store_db(own.store);
	r->rc = act_join(&own, r->room, r->user, NULL, &c);
	return NULL;
}

static void
s4_3_of_many_who_race_for_the_last_seat_one_gets_it(void **state)
{
	enum { RACERS = 8 };
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 3);
	struct racer racers[RACERS];
	int in = 0;

	(void)make_member(f, &room, "kim");
	(void)make_member(f, &room, "lee");
	for (int i = 0; i < RACERS; i++) {
		racers[i].fixture = f;
		racers[i].room = &room;
		racers[i].user = make_user(f);
	}
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(
		    pthread_create(&racers[i].thread, NULL, race, &racers[i]),
		    0);
	for (int i = 0; i < RACERS; i++) {
		assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
		assert_true(
		    racers[i].rc == DB_OK || racers[i].rc == DB_CONFLICT);
		in += racers[i].rc == DB_OK;
	}
	assert_int_equal(in, 1);
	assert_true(fixture_online(f, &room) == 3);
}

static int
setup_threads(void **state)
{
	return fixture_setup_mode(state, STORE_THREAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    s4_2_a_full_room_counts_chatters_and_refuses_the_next),
		FIXTURE_TEST(
		    s4_4_who_is_within_the_grace_and_the_owner_enter_a_full_room),
		cmocka_unit_test_setup_teardown(
		    s4_3_of_many_who_race_for_the_last_seat_one_gets_it,
		    setup_threads, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
