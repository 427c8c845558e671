/* Messages: stored once, sent once, with the same bytes everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/say.h"
#include "db/chat/room_change.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

static struct message_draft
plain(const char *content, const char *client_id)
{
	return (struct message_draft){ .type = MESSAGE_PLAIN,
		.content = content,
		.client_id = client_id };
}

static void
s3_1_what_is_answered_told_and_shown_in_the_history_is_the_same(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = plain("a \"b\" <c>\n\xea\xb9\x80", "k-1");
	struct page newest = { .from = PAGE_NEWEST, .limit = 1 };
	struct buf want = BUF_INIT, got = BUF_INIT, told = BUF_INIT;
	int64_t head = eventlog_head(f);
	int more;

	/* Number 1 was the notice of the join. */
	buf_addf(&want,
	    "{\"id\":2,\"type\":\"message\",\"room\":\"lobby\","
	    "\"chatter\":{\"id\":\"%s\",\"nickname\":\"kim\"},"
	    "\"content\":\"a \\\"b\\\" <c>\\n\xea\xb9\x80\","
	    "\"client_id\":\"k-1\","
	    "\"created_at\":\"2026-11-20T09:30:00.123Z\"}",
	    kim.name.s);
	fake_clock_wall = 1795167000123;
	assert_int_equal(act_send(f, &room, kim.user, &m, &got), DB_OK);
	assert_int_equal(f->sent.sent, SENT_NEW);
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_addf(&told, "message 0 {\"message\":%s}\n", buf_str(&want));
	buf_clear(&got);
	eventlog_lines(f, head, &got);
	assert_string_equal(buf_str(&got), buf_str(&told));
	buf_clear(&got);
	assert_int_equal(
	    messages_add_page(f->db, room.id, &newest, &got, &more), DB_OK);
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_clear(&got);
	assert_int_equal(
	    messages_add_json(f->db, room.id, (struct message_id){ 2 }, &got),
	    DB_OK);
	assert_string_equal(buf_str(&got), buf_str(&want));
	assert_int_equal(
	    messages_add_json(f->db, room.id, (struct message_id){ 3 }, &got),
	    DB_NONE);
	buf_done(&want);
	buf_done(&got);
	buf_done(&told);
}

static void
s3_2_an_alert_is_the_owners(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim"), boss;
	struct message_draft m = { .type = MESSAGE_ALERT,
		.content = "closing" };
	int64_t head;

	assert_int_equal(act_join(f, &room, room.owner, "boss", &boss), DB_OK);
	head = eventlog_head(f);
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ALERTER_ONLY);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(act_send(f, &room, boss.user, &m, NULL), DB_OK);
	assert_int_equal(eventlog_count(f, head,
			     "alert 0 {\"message\":{\"id\":3,"
			     "\"type\":\"alert\",\"room\":\"lobby\","
			     "\"chatter\":{\"id\":"),
	    1);
	assert_int_equal(eventlog_count(f, head, "\"client_id\":null"), 1);
}

static enum db_rc
expire(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_change(db, w->room, &w->draft);
}

static void
s3_3_an_expired_room_takes_no_message_and_shows_its_history(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = plain("one", "1");
	struct page newest = { .from = PAGE_NEWEST, .limit = 9 };
	struct write_args w = { .fixture = f, .room = &room };
	struct buf b = BUF_INIT;
	int64_t head;
	int more;

	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	w.draft = write_no_change;
	w.draft.expires = fake_clock_wall;
	assert_int_equal(db_write(f->db, expire, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &room), DB_OK);
	head = eventlog_head(f);
	m = plain("two", "2");
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ROOM_EXPIRED);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(
	    messages_add_page(f->db, room.id, &newest, &b, &more), DB_OK);
	assert_non_null(strstr(buf_str(&b), "\"one\""));
	assert_null(strstr(buf_str(&b), "\"two\""));
	/* A repeated request gets the first answer again. */
	m = plain("one", "1");
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	assert_int_equal(f->sent.sent, SENT_BEFORE);
	buf_done(&b);
}

static void
s3_6_who_is_not_in_the_room_says_nothing(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = plain("hi", NULL);
	int64_t head;

	act_leave(f, &room, &kim, LEAVE_REMOVED);
	head = eventlog_head(f);
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_NOT_IN_ROOM);
	assert_int_equal(
	    act_send(f, &room, make_user(f), &m, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_NOT_IN_ROOM);
	assert_true(eventlog_head(f) == head);
}

static void
s3_7_the_same_client_id_is_stored_and_told_once(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct chatter lee = make_member(f, &room, "lee");
	struct message_draft m = plain("hi", "id-1");
	struct buf first = BUF_INIT, second = BUF_INIT;
	int64_t head;

	assert_int_equal(act_send(f, &room, kim.user, &m, &first), DB_OK);
	head = eventlog_head(f);
	fake_clock_advance(60000);
	m.content = "something else";
	assert_int_equal(act_send(f, &room, kim.user, &m, &second), DB_OK);
	assert_int_equal(f->sent.sent, SENT_BEFORE);
	assert_string_equal(buf_str(&first), buf_str(&second));
	assert_true(eventlog_head(f) == head);
	/* The same client_id of another sender is another message. */
	assert_int_equal(act_send(f, &room, lee.user, &m, NULL), DB_OK);
	assert_int_equal(f->sent.sent, SENT_NEW);
	/* Without a client_id nothing is a repetition. */
	m = plain("a", NULL);
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	assert_int_equal(f->sent.sent, SENT_NEW);
	buf_done(&first);
	buf_done(&second);
}

static enum db_rc
send_then_fail(struct db *db, void *arg)
{
	enum db_rc rc = write_message(db, arg);

	return rc == DB_OK ? DB_FAIL : rc;
}

static void
s3_4_what_is_not_stored_is_not_told_and_leaves_no_hole(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct write_args w = {
		.fixture = f, .room = &room, .user = kim.user, .text = "lost"
	};
	struct message_draft m = plain("kept", NULL);
	struct buf b = BUF_INIT;
	int64_t head = eventlog_head(f);

	assert_int_equal(db_write(f->db, send_then_fail, &w), DB_FAIL);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(act_send(f, &room, kim.user, &m, &b), DB_OK);
	assert_memory_equal(buf_str(&b), "{\"id\":2,", 8);
	buf_done(&b);
	buf_done(&w.json);
}

static void
s3_5_each_room_counts_its_own(void **state)
{
	struct fixture *f = *state;
	struct room a = make_room(f, "room-a", make_user(f), 7);
	struct room b = make_room(f, "room-b", a.owner, 7);
	struct chatter kim = make_member(f, &a, "kim");
	struct chatter lee = make_member(f, &b, "lee");
	struct page newest = { .from = PAGE_NEWEST, .limit = 9 };
	struct message_draft m = plain("for a alone", NULL);
	struct buf json = BUF_INIT;
	int more;

	assert_int_equal(act_send(f, &a, kim.user, &m, NULL), DB_OK);
	m.content = "for b";
	assert_int_equal(act_send(f, &b, lee.user, &m, &json), DB_OK);
	assert_memory_equal(buf_str(&json), "{\"id\":2,", 8);
	buf_clear(&json);
	assert_int_equal(
	    messages_add_page(f->db, b.id, &newest, &json, &more), DB_OK);
	assert_null(strstr(buf_str(&json), "for a alone"));
	buf_done(&json);
}

/* The ids in a page, as "3 4 5". */
static void
ids(struct fixture *f, const struct room *room, const struct page *page,
    struct buf *list, int *more)
{
	struct buf b = BUF_INIT;

	buf_clear(list);
	assert_int_equal(
	    messages_add_page(f->db, room->id, page, &b, more), DB_OK);
	for (const char *s = buf_str(&b); (s = strstr(s, "{\"id\":")) != NULL;
	     s++) {
		const char *digits = s + strlen("{\"id\":");

		if (*digits == '"')
			continue;
		if (list->len > 0)
			buf_addc(list, ' ');
		buf_add(list, digits, strspn(digits, "0123456789"));
	}
	buf_done(&b);
}

static void
s3_9_pages_go_both_ways_without_gap_or_repeat(void **state)
{
	static const struct {
		struct page page;
		const char *ids;
		int more;
	} pages[] = {
		{ { PAGE_NEWEST, { 0 }, 3 }, "8 9 10", 1 },
		{ { PAGE_NEWEST, { 0 }, 10 }, "1 2 3 4 5 6 7 8 9 10", 0 },
		{ { PAGE_NEWEST, { 0 }, 200 }, "1 2 3 4 5 6 7 8 9 10", 0 },
		{ { PAGE_BEFORE, { 8 }, 3 }, "5 6 7", 1 },
		{ { PAGE_BEFORE, { 4 }, 3 }, "1 2 3", 0 },
		{ { PAGE_BEFORE, { 1 }, 3 }, "", 0 },
		{ { PAGE_BEFORE, { 1000 }, 2 }, "9 10", 1 },
		{ { PAGE_AFTER, { 0 }, 3 }, "1 2 3", 1 },
		{ { PAGE_AFTER, { 7 }, 3 }, "8 9 10", 0 },
		{ { PAGE_AFTER, { 10 }, 3 }, "", 0 },
	};
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = plain("hi", NULL);
	struct buf list = BUF_INIT;
	int more;

	for (int i = 2; i <= 10; i++)
		assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		ids(f, &room, &pages[i].page, &list, &more);
		assert_string_equal(buf_str(&list), pages[i].ids);
		assert_int_equal(more, pages[i].more);
	}
	buf_done(&list);
}

static void
s3_8_notices_stand_in_the_same_history(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct page newest = { .from = PAGE_NEWEST, .limit = 9 };
	struct buf want = BUF_INIT, got = BUF_INIT;
	int more;

	act_leave(f, &room, &kim, LEAVE_LEFT);
	buf_addf(&want,
	    "{\"id\":2,\"type\":\"alert\",\"room\":\"lobby\",\"chatter\":null,"
	    "\"content\":\"kim left\",\"client_id\":null,"
	    "\"created_at\":\"2026-11-20T09:30:00.123Z\",\"notice\":"
	    "{\"kind\":\"left\",\"reason\":\"left\",\"chatter\":{\"id\":\"%s\","
	    "\"nickname\":\"kim\"}}}",
	    kim.name.s);
	assert_int_equal(
	    messages_add_page(f->db, room.id, &newest, &got, &more), DB_OK);
	assert_non_null(strstr(buf_str(&got), buf_str(&want)));
	assert_non_null(
	    strstr(buf_str(&got), "{\"kind\":\"joined\",\"reason\":null,"));
	assert_non_null(strstr(buf_str(&got), "\"content\":\"kim joined\""));
	buf_done(&want);
	buf_done(&got);
}

/* Between the messages of one room stand those of another. */
static void
the_newest_message_up_to_a_seq_is_found_however_far_back(void **state)
{
	enum { MESSAGES = 40 };
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct room other = make_room(f, "other", room.owner, 7);
	struct chatter kim = make_member(f, &room, "kim"),
		       lee = make_member(f, &other, "lee");
	struct message_draft m = plain("x", NULL);
	struct message_id found;
	int64_t before = eventlog_head(f);

	for (int i = 0; i < MESSAGES; i++) {
		assert_int_equal(
		    act_send(f, &other, lee.user, &m, NULL), DB_OK);
		assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	}
	assert_int_equal(messages_at(f->db, room.id, 0, &found), DB_OK);
	assert_int_equal(found.n, 0);
	/* Number 1 was the notice of the join. */
	for (int i = 0; i <= 2 * MESSAGES; i++) {
		assert_int_equal(
		    messages_at(f->db, room.id, before + i, &found), DB_OK);
		assert_int_equal(found.n, 1 + i / 2);
	}
}

static int
at_nine_thirty(void **state)
{
	fake_clock_wall = 1795167000123;
	return fixture_setup(state);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, at_nine_thirty, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(
		    s3_1_what_is_answered_told_and_shown_in_the_history_is_the_same),
		WITH_STORE(s3_2_an_alert_is_the_owners),
		WITH_STORE(
		    s3_3_an_expired_room_takes_no_message_and_shows_its_history),
		WITH_STORE(
		    s3_4_what_is_not_stored_is_not_told_and_leaves_no_hole),
		WITH_STORE(s3_5_each_room_counts_its_own),
		WITH_STORE(s3_6_who_is_not_in_the_room_says_nothing),
		WITH_STORE(s3_7_the_same_client_id_is_stored_and_told_once),
		WITH_STORE(s3_8_notices_stand_in_the_same_history),
		WITH_STORE(s3_9_pages_go_both_ways_without_gap_or_repeat),
		WITH_STORE(
		    the_newest_message_up_to_a_seq_is_found_however_far_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
