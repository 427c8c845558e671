/* Joining and leaving a room, and the events that tell the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>

#include "db/base/buf.h"
#include "db/rows/chatters.h"
#include "db/chat/expiry.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/presence_check.h"

static void
s2_6_a_first_join_is_one_event_and_then_one_notice(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = eventlog_head(f);
	struct chatter kim = make_member(f, &room, "kim");

	buf_addf(&want,
	    "presence 0 {\"room\":\"lobby\",\"joined\":[{\"id\":\"%s\","
	    "\"nickname\":\"kim\",\"role\":\"member\"}],\"count\":1}\nalert 0 ",
	    kim.name.s);
	eventlog_lines(f, head, &got);
	assert_memory_equal(buf_str(&got), buf_str(&want), want.len);
	presence_check_told(f, head, 1, 0);
	assert_true(eventlog_head(f) == head + 2);
	assert_true(fixture_online(f, &room) == 1);
	assert_true(presence_check_online(f, &kim));
	buf_done(&want);
	buf_done(&got);
}

static void
s2_13_leave_is_at_once_and_ends_the_subscription(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head;

	(void)act_open_stream(f, &room, &kim, make_node(f, 10000), "tab");
	head = eventlog_head(f);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	buf_addf(&want,
	    "presence %lld {\"room\":\"lobby\",\"left\":[{\"id\":\"%s\","
	    "\"nickname\":\"kim\",\"role\":\"member\",\"reason\":\"left\"}],"
	    "\"count\":0}\nalert 0 ",
	    (long long)kim.id.n, kim.name.s);
	eventlog_lines(f, head, &got);
	assert_memory_equal(buf_str(&got), buf_str(&want), want.len);
	presence_check_told(f, head, 0, 1);
	assert_false(presence_check_online(f, &kim));
	assert_true(fixture_online(f, &room) == 0);
	/* A second leave changes nothing. */
	head = eventlog_head(f);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	assert_true(eventlog_head(f) == head);
	buf_done(&want);
	buf_done(&got);
}

static void
who_is_removed_is_told_as_removed(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head = eventlog_head(f);

	act_leave(f, &room, &kim, LEAVE_REMOVED);
	presence_check_told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "\"reason\":\"removed\""), 2);
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 1);
}

static void
s2_8_s2_9_who_vanishes_leaves_once_and_only_after_the_grace(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct presence_id id =
	    act_open_stream(f, &room, &kim, make_node(f, 100000), "tab");
	int64_t head = eventlog_head(f);

	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE - 1);
	assert_int_equal(expiry_due(f->db, 0), DB_NONE);
	assert_int_equal(act_reap(f), DB_NONE);
	assert_true(presence_check_online(f, &kim));
	assert_true(fixture_online(f, &room) == 1);
	fake_clock_advance(1);
	assert_int_equal(expiry_due(f->db, 0), DB_OK);
	assert_int_equal(act_reap(f), DB_OK);
	assert_false(presence_check_online(f, &kim));
	presence_check_told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "\"reason\":\"timeout\""), 2);
	assert_int_equal(eventlog_count(f, head, "presence 0 "), 1);
	assert_true(fixture_online(f, &room) == 0);
	assert_int_equal(act_reap(f), DB_NONE);
	presence_check_told(f, head, 0, 1);
	/* A chatter who timed out is still a member. */
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 0);
}

static void
s2_10_ten_refreshes_within_the_grace_are_silent(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id id = act_open_stream(f, &room, &kim, node, "t0");
	int64_t head = eventlog_head(f);

	for (int i = 0; i < 10; i++) {
		char conn[16];

		act_end_stream(f, id);
		fake_clock_advance(FIXTURE_GRACE - 1);
		(void)act_reap(f);
		(void)snprintf(conn, sizeof(conn), "t%d", i % 2);
		id = act_open_stream(f, &room, &kim, node, conn);
		fake_clock_advance(1);
		(void)act_reap(f);
	}
	fake_clock_advance((int64_t)2 * FIXTURE_GRACE);
	(void)act_reap(f);
	assert_true(presence_check_online(f, &kim));
	assert_true(eventlog_head(f) == head);
	assert_true(fixture_online(f, &room) == 1);
}

static void
s2_11_a_return_after_the_grace_is_one_leave_and_one_join(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id id = act_open_stream(f, &room, &kim, node, "tab");
	int64_t head = eventlog_head(f);

	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	id = act_open_stream(f, &room, &kim, node, "tab");
	presence_check_told(f, head, 1, 1);
	/* The same when the reaper is late. */
	head = eventlog_head(f);
	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE);
	(void)act_open_stream(f, &room, &kim, node, "tab");
	(void)act_reap(f);
	presence_check_told(f, head, 1, 1);
	assert_true(fixture_online(f, &room) == 1);
}

static void
s2_12_a_refresh_of_one_does_not_keep_another(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct room other = make_room(f, "other", room.owner, 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct chatter lee = make_member(f, &room, "lee"), there;
	struct node_id node = make_node(f, 1000000);
	struct presence_id a = act_open_stream(f, &room, &kim, node, "a");
	struct presence_id b = act_open_stream(f, &room, &lee, node, "b");
	int64_t head;

	assert_int_equal(act_join(f, &other, lee.user, "lee", &there), DB_OK);
	(void)act_open_stream(f, &other, &there, node, "b");
	head = eventlog_head(f);
	act_end_stream(f, a);
	act_end_stream(f, b);
	(void)act_open_stream(f, &room, &kim, node, "a");
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	presence_check_told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "lee left"), 1);
	assert_true(presence_check_online(f, &kim));
	assert_true(presence_check_online(f, &there));
}

static void
s2_14_a_new_connection_before_the_old_one_ends_is_silent(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id old = act_open_stream(f, &room, &kim, node, "tab"),
			   new;
	int64_t head = eventlog_head(f), rows;

	new = act_open_stream(f, &room, &kim, node, "tab");
	assert_true(old.n != new.n);
	assert_int_equal(presence_count(f->db, &rows), DB_OK);
	assert_true(rows == 1);
	/* The end of the old one does not end the new one. */
	act_end_stream(f, old);
	fake_clock_advance((int64_t)2 * FIXTURE_GRACE);
	(void)act_reap(f);
	assert_true(presence_check_online(f, &kim));
	assert_true(eventlog_head(f) == head);
}

static void
s2_15_two_tabs_are_one_leave_after_the_last(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id a = act_open_stream(f, &room, &kim, node, "a");
	struct presence_id b = act_open_stream(f, &room, &kim, node, "b");
	int64_t head = eventlog_head(f);

	act_end_stream(f, a);
	fake_clock_advance((int64_t)2 * FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	assert_true(eventlog_head(f) == head);
	act_end_stream(f, b);
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	presence_check_told(f, head, 0, 1);
}

static void
s2_15_both_tabs_that_expire_together_are_one_leave(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id a = act_open_stream(f, &room, &kim, node, "a");
	struct presence_id b = act_open_stream(f, &room, &kim, node, "b");
	int64_t head = eventlog_head(f);

	act_end_stream(f, a);
	act_end_stream(f, b);
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	presence_check_told(f, head, 0, 1);
	assert_true(fixture_online(f, &room) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    s2_6_a_first_join_is_one_event_and_then_one_notice),
		FIXTURE_TEST(s2_13_leave_is_at_once_and_ends_the_subscription),
		FIXTURE_TEST(who_is_removed_is_told_as_removed),
		FIXTURE_TEST(
		    s2_8_s2_9_who_vanishes_leaves_once_and_only_after_the_grace),
		FIXTURE_TEST(s2_10_ten_refreshes_within_the_grace_are_silent),
		FIXTURE_TEST(
		    s2_11_a_return_after_the_grace_is_one_leave_and_one_join),
		FIXTURE_TEST(s2_12_a_refresh_of_one_does_not_keep_another),
		FIXTURE_TEST(
		    s2_14_a_new_connection_before_the_old_one_ends_is_silent),
		FIXTURE_TEST(s2_15_two_tabs_are_one_leave_after_the_last),
		FIXTURE_TEST(
		    s2_15_both_tabs_that_expire_together_are_one_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
