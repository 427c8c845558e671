/* How many messages a member has missed, and who is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/base/buf.h"
#include "db/rows/chatters.h"
#include "db/rows/listeners.h"
#include "db/chat/say.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "db/chat/unread.h"
#include "tests/lib/absentee.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

static enum db_rc
stop_listening(struct db *db, void *arg)
{
	return arrivals_end_listener(db, *(struct listener_id *)arg);
}

static void
s5_7_only_what_others_said_meanwhile_is_unread(void **state)
{
	struct absentee a = absentee_make(state);
	struct presence_id tab =
	    act_open_stream(a.fixture, &a.room, &a.kim, a.node, "tab");

	(void)absentee_say(&a, a.lee.user, "while there");
	act_end_stream(a.fixture, tab);
	absentee_go_away(&a);
	(void)absentee_say(&a, a.lee.user, "one");
	(void)absentee_say(&a, a.kim.user, "kim's own");
	(void)absentee_say(&a, a.lee.user, "two");
	absentee_assert_listed(&a, "\"unread\":2,\"read\":0,\"online\":false}");
	absentee_come_back(&a);
	tab = act_open_stream(a.fixture, &a.room, &a.kim, a.node, "tab");
	(void)absentee_say(&a, a.lee.user, "while there again");
	absentee_assert_listed(&a, "\"unread\":2,\"read\":0,\"online\":true}");
	act_end_stream(a.fixture, tab);
	absentee_go_away(&a);
	(void)absentee_say(&a, a.lee.user, "three");
	absentee_assert_listed(&a, "\"unread\":3,");
}

static void
s5_7_what_nobody_heard_before_a_leave_is_unread_but_not_before_a_return(
    void **state)
{
	struct absentee a = absentee_make(state);
	struct presence_id tab, other;

	(void)absentee_say(&a, a.lee.user, "since the join");
	tab = act_open_stream(a.fixture, &a.room, &a.kim, a.node, "tab");
	other = act_open_stream(a.fixture, &a.room, &a.kim, a.node, "other");
	act_end_stream(a.fixture, tab);
	(void)absentee_say(&a, a.lee.user, "heard by the other");
	act_end_stream(a.fixture, other);
	(void)absentee_say(&a, a.lee.user, "within the grace");
	tab = act_open_stream(a.fixture, &a.room, &a.kim, a.node, "tab");
	act_end_stream(a.fixture, tab);
	(void)absentee_say(&a, a.lee.user, "within the next");
	absentee_assert_listed(&a, "\"unread\":0,");
	absentee_go_away(&a);
	absentee_assert_listed(&a, "\"unread\":1,");
	absentee_come_back(&a);
	tab = act_open_stream(a.fixture, &a.room, &a.kim, a.node, "tab");
	absentee_come_back(&a);
	(void)absentee_say(&a, a.lee.user, "heard by the tab, not by the join");
	act_end_stream(a.fixture, tab);
	fake_clock_advance(a.room.grace + 1);
	assert_int_equal(act_reap(a.fixture), DB_OK);
	absentee_go_away(&a);
	absentee_assert_listed(&a, "\"unread\":1,");
	absentee_come_back(&a);
	(void)absentee_say(&a, a.lee.user, "since this join");
	absentee_assert_listed(&a, "\"unread\":1,");
	absentee_go_away(&a);
	absentee_assert_listed(&a, "\"unread\":2,");
}

static void
s5_7_who_listens_is_told_of_each_and_at_first_of_all(void **state)
{
	struct absentee a = absentee_make(state);
	struct listener_id first, second;
	int64_t head;

	absentee_go_away(&a);
	(void)absentee_say(&a, a.lee.user, "one");
	head = eventlog_head(a.fixture);
	first = absentee_listen(&a, a.kim.user, "a");
	assert_int_equal(eventlog_count(a.fixture, head,
			     "unread 0 {\"room\":\"lobby\",\"unread\":1,"
			     "\"message\":null}"),
	    1);
	head = eventlog_head(a.fixture);
	second = absentee_listen(&a, a.kim.user, "b");
	assert_true(eventlog_head(a.fixture) == head);
	(void)absentee_say(&a, a.lee.user, "two");
	assert_int_equal(eventlog_count(a.fixture, head,
			     "\"unread\":2,\"message\":{\"id\":"),
	    1);
	absentee_check(&a);
	assert_int_equal(
	    db_write(a.fixture->db, stop_listening, &first), DB_OK);
	assert_int_equal(
	    db_write(a.fixture->db, stop_listening, &second), DB_OK);
	fake_clock_advance(ABSENTEE_LISTENER_GRACE);
	assert_int_equal(act_reap(a.fixture), DB_OK);
	absentee_check(&a);
	head = eventlog_head(a.fixture);
	(void)absentee_say(&a, a.lee.user, "three");
	assert_int_equal(eventlog_count(a.fixture, head, "unread"), 0);
	/* An event repeats no count that was told before. */
	(void)absentee_listen(&a, a.kim.user, "a");
	assert_int_equal(eventlog_count(a.fixture, head, "\"unread\":3,"), 1);
}

static void
s5_7_a_listener_dies_with_its_node_a_grace_later(void **state)
{
	struct absentee a = absentee_make(state);
	struct node_id brief = make_node(a.fixture, 100);

	absentee_go_away(&a);
	a.node = make_node(a.fixture, 100);
	(void)absentee_listen(&a, a.kim.user, "a");
	fake_clock_advance(101);
	assert_int_equal(act_reap(a.fixture), DB_OK);
	assert_int_equal(listeners_any(a.fixture->db, a.kim.user), DB_OK);
	fake_clock_advance(ABSENTEE_LISTENER_GRACE);
	assert_int_equal(act_reap(a.fixture), DB_OK);
	assert_int_equal(listeners_any(a.fixture->db, a.kim.user), DB_NONE);
	absentee_check(&a);
	assert_int_equal(nodes_check(a.fixture->db, brief), DB_BUSY);
}

static void
s5_8_the_marker_goes_forward_alone_and_no_further_than_the_newest(void **state)
{
	struct absentee a = absentee_make(state);
	struct buf answer = BUF_INIT;
	struct message_id one, last;
	int64_t head;

	absentee_go_away(&a);
	one = absentee_say(&a, a.lee.user, "one");
	last = absentee_say(&a, a.lee.user, "two");
	buf_addf(&answer, "{\"room\":\"lobby\",\"message\":%lld,\"unread\":1}",
	    (long long)one.n);
	absentee_assert_read(&a, one.n, buf_str(&answer));
	head = eventlog_head(a.fixture);
	absentee_assert_read(&a, 1, buf_str(&answer));
	assert_true(eventlog_head(a.fixture) == head);
	buf_clear(&answer);
	buf_addf(&answer, "{\"room\":\"lobby\",\"message\":%lld,\"unread\":0}",
	    (long long)last.n);
	absentee_assert_read(&a, INT64_MAX, buf_str(&answer));
	assert_int_equal(eventlog_count(a.fixture, head, "read 0 {"), 1);
	buf_done(&answer);
}

static void
s5_6_who_leaves_has_no_count_and_counts_anew(void **state)
{
	struct absentee a = absentee_make(state);

	absentee_go_away(&a);
	(void)absentee_listen(&a, a.kim.user, "a");
	(void)absentee_say(&a, a.lee.user, "one");
	act_leave(a.fixture, &a.room, &a.kim, LEAVE_REMOVED);
	absentee_check(&a);
	absentee_assert_listed(&a, "");
	absentee_come_back(&a);
	absentee_assert_listed(&a, "\"unread\":0,");
	absentee_go_away(&a);
}

static enum db_rc
say_much(struct db *db, void *arg)
{
	struct absentee *a = arg;
	struct write_args w = { .fixture = a->fixture,
		.room = &a->room,
		.user = a->lee.user,
		.text = "more" };
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < UNREAD_MAX; i++)
		rc = write_message(db, &w);
	buf_done(&w.json);
	return rc;
}

static void
only_so_many_absences_and_messages_are_counted(void **state)
{
	struct absentee a = absentee_make(state);

	for (int i = 0; i < ABSENCES_MAX + 2; i++) {
		absentee_go_away(&a);
		(void)absentee_say(&a, a.lee.user, "one");
		absentee_come_back(&a);
	}
	absentee_assert_listed(&a, "\"unread\":64,");
	absentee_go_away(&a);
	assert_int_equal(db_write(a.fixture->db, say_much, &a), DB_OK);
	absentee_assert_listed(&a, "\"unread\":1000,");
	(void)absentee_listen(&a, a.kim.user, "a");
	(void)absentee_say(&a, a.lee.user, "more");
	absentee_check(&a);
}

static void
to_come_and_go_while_nothing_is_said_forgets_nothing_unread(void **state)
{
	struct absentee a = absentee_make(state);

	absentee_go_away(&a);
	(void)absentee_say(&a, a.lee.user, "one");
	for (int i = 0; i < ABSENCES_MAX + 2; i++) {
		absentee_come_back(&a);
		absentee_go_away(&a);
	}
	absentee_assert_listed(&a, "\"unread\":1,");
}

static void
assert_newest(struct absentee *a, int64_t id)
{
	struct buf words = BUF_INIT;

	buf_addf(&words, "\"last_message\":{\"id\":%lld,", (long long)id);
	absentee_assert_listed(a, buf_str(&words));
	buf_done(&words);
}

static void
S5_6_notices_do_not_hide_the_newest_message(void **state)
{
	static const char *const newcomers[] = { "ann", "bob", "cid" };
	struct absentee a = absentee_make(state);
	struct message_draft alert = {
		.key = { 3 }, .type = MESSAGE_ALERT, .content = "closing"
	};
	int64_t id;

	absentee_assert_listed(&a, "\"last_message\":null");
	id = absentee_say(&a, a.lee.user, "one").n;
	for (size_t i = 0; i < sizeof(newcomers) / sizeof(newcomers[0]); i++) {
		assert_newest(&a, id);
		(void)make_member(a.fixture, &a.room, newcomers[i]);
	}
	assert_newest(&a, id);
	assert_int_equal(
	    act_send(a.fixture, &a.room, (struct user_id){ 0 }, &alert, NULL),
	    DB_OK);
	id += 4;
	assert_newest(&a, id);
	(void)make_member(a.fixture, &a.room, "dan");
	assert_newest(&a, id);
	absentee_check(&a);
}

static void
slow_mode_lets_a_member_speak_now_and_then(void **state)
{
	struct absentee a = absentee_make(state);
	struct message_draft m = { .content = "hi", .client_id = "1" };
	struct chatter boss;

	a.room.slow = 2000;
	assert_int_equal(
	    act_join(a.fixture, &a.room, a.room.owner, "boss", &boss), DB_OK);
	assert_int_equal(
	    act_send(a.fixture, &a.room, a.kim.user, &m, NULL), DB_OK);
	assert_int_equal(
	    act_send(a.fixture, &a.room, a.kim.user, &m, NULL), DB_OK);
	m.client_id = NULL;
	fake_clock_advance(1500);
	assert_int_equal(
	    act_send(a.fixture, &a.room, a.kim.user, &m, NULL), DB_CONFLICT);
	assert_int_equal(a.fixture->why, PROBLEM_SLOW_MODE);
	assert_true(a.fixture->sent.wait == 500);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    act_send(a.fixture, &a.room, boss.user, &m, NULL), DB_OK);
	fake_clock_advance(500);
	assert_int_equal(
	    act_send(a.fixture, &a.room, a.kim.user, &m, NULL), DB_OK);
}

static void
s3_2_a_key_sends_alerts_without_a_seat_and_each_once(void **state)
{
	struct absentee a = absentee_make(state);
	struct message_draft m = { .key = { 3 },
		.type = MESSAGE_ALERT,
		.content = "closing",
		.client_id = "1" };
	int64_t head = eventlog_head(a.fixture);

	for (int i = 0; i < 2; i++)
		assert_int_equal(act_send(a.fixture, &a.room,
				     (struct user_id){ 0 }, &m, NULL),
		    DB_OK);
	assert_int_equal(a.fixture->sent.sent, SENT_BEFORE);
	assert_int_equal(
	    eventlog_count(a.fixture, head, "\"chatter\":null,\"content\""), 1);
	absentee_go_away(&a);
	m.client_id = NULL;
	assert_int_equal(
	    act_send(a.fixture, &a.room, (struct user_id){ 0 }, &m, NULL),
	    DB_OK);
	absentee_assert_listed(&a, "\"unread\":2,");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(s5_7_only_what_others_said_meanwhile_is_unread),
		FIXTURE_TEST(
		    s5_7_what_nobody_heard_before_a_leave_is_unread_but_not_before_a_return),
		FIXTURE_TEST(
		    s5_7_who_listens_is_told_of_each_and_at_first_of_all),
		FIXTURE_TEST(s5_7_a_listener_dies_with_its_node_a_grace_later),
		FIXTURE_TEST(
		    s5_8_the_marker_goes_forward_alone_and_no_further_than_the_newest),
		FIXTURE_TEST(s5_6_who_leaves_has_no_count_and_counts_anew),
		FIXTURE_TEST(only_so_many_absences_and_messages_are_counted),
		FIXTURE_TEST(
		    to_come_and_go_while_nothing_is_said_forgets_nothing_unread),
		FIXTURE_TEST(S5_6_notices_do_not_hide_the_newest_message),
		FIXTURE_TEST(slow_mode_lets_a_member_speak_now_and_then),
		FIXTURE_TEST(
		    s3_2_a_key_sends_alerts_without_a_seat_and_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
