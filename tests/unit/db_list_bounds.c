/* Lists end by bytes, and go on where they ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/feed/wire.h"
#include "db/base/limits.h"
#include "db/chat/my_rooms.h"
#include "db/chat/say.h"
#include "db/rows/messages.h"
#include "tests/lib/act.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

enum { SAID = 20, CONTENT_BYTES = 4 * CONTENT_MAX };

/* As long as a message may be. */
static void
say_much(struct fixture *f, const struct room *room, struct user_id user)
{
	struct message_draft m = { .type = MESSAGE_PLAIN };
	struct buf content = BUF_INIT;

	for (int i = 0; i < CONTENT_MAX; i++)
		buf_adds(&content, "\xf0\x9f\x99\x82");
	m.content = buf_str(&content);
	assert_int_equal(act_send(f, room, user, &m, NULL), DB_OK);
	buf_done(&content);
}

static struct chatter
talk(struct fixture *f, struct room *room)
{
	struct chatter kim;

	*room = make_room(f, "lobby", make_user(f), 7);
	kim = make_member(f, room, "kim");
	for (int i = 0; i < SAID; i++)
		say_much(f, room, kim.user);
	return kim;
}

/* Counts the messages of a page, whose ids go up from FIRST. */
static int
check_ids(const struct buf *page, int64_t first)
{
	static const char head[] = "{\"id\":";
	int n = 0;

	for (const char *s = buf_str(page); (s = strstr(s, head)) != NULL;) {
		s += sizeof(head) - 1;
		if (*s == '"')
			continue;
		assert_int_equal(strtoll(s, NULL, 10), first + n);
		n++;
	}
	return n;
}

static void
s3_9_pages_that_end_by_bytes_have_no_gap_and_no_repeat(void **state)
{
	struct fixture *f = *state;
	struct page page = { .from = PAGE_AFTER, .limit = MESSAGES_LIMIT_MAX };
	struct buf b = BUF_INIT;
	struct room room;
	int n, pages = 0, more = 1;
	int64_t at = 0, first;

	(void)talk(f, &room);
	for (; more; pages++) {
		page.message.n = at;
		buf_clear(&b);
		assert_int_equal(
		    messages_add_page(f->db, room.id, &page, &b, &more), DB_OK);
		n = check_ids(&b, at + 1);
		assert_in_range(n, 1, LIST_BYTES_MAX / CONTENT_BYTES + 1);
		assert_true(b.len <= LIST_BYTES_MAX);
		at += n;
	}
	assert_int_equal(at, SAID + 1);
	assert_int_equal(
	    pages, 1 + SAID / ((LIST_BYTES_MAX - 1) / CONTENT_BYTES));
	page.from = PAGE_NEWEST;
	for (more = 1, at = SAID + 2; more; page.from = PAGE_BEFORE) {
		page.message.n = at;
		buf_clear(&b);
		assert_int_equal(
		    messages_add_page(f->db, room.id, &page, &b, &more), DB_OK);
		assert_true(b.len <= LIST_BYTES_MAX);
		first = strtoll(buf_str(&b) + sizeof("{\"id\":") - 1, NULL, 10);
		assert_int_equal(first + check_ids(&b, first), at);
		at = first;
	}
	assert_int_equal(at, 1);
	buf_done(&b);
}

static void
a_page_has_one_message_even_if_that_does_not_fit(void **state)
{
	static const struct {
		struct page page;
		int64_t id;
		int more;
	} pages[] = {
		{ { PAGE_AFTER, { 5 }, 50 }, 6, 1 },
		{ { PAGE_AFTER, { SAID }, 50 }, SAID + 1, 0 },
		{ { PAGE_NEWEST, { 0 }, 50 }, SAID + 1, 1 },
		{ { PAGE_BEFORE, { 5 }, 50 }, 4, 1 },
		{ { PAGE_BEFORE, { 2 }, 50 }, 1, 0 },
	};
	struct fixture *f = *state;
	struct buf full = BUF_INIT, b = BUF_INIT;
	struct room room;
	int more;

	(void)talk(f, &room);
	while (full.len < LIST_BYTES_MAX)
		buf_addc(&full, ' ');
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		buf_clear(&b);
		buf_add(&b, full.p, full.len);
		assert_int_equal(messages_add_page(
				     f->db, room.id, &pages[i].page, &b, &more),
		    DB_OK);
		assert_int_equal(check_ids(&b, pages[i].id), 1);
		assert_int_equal(more, pages[i].more);
		assert_int_equal(b.p[b.len - 1], '}');
		assert_int_equal(b.p[full.len], '{');
	}
	buf_done(&full);
	buf_done(&b);
}

static void
a_list_that_ends_by_bytes_ends_with_a_whole_row(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 9);
	struct chatter kim = make_member(f, &room, "kim");
	struct buf b = BUF_INIT, one = BUF_INIT, both = BUF_INIT;
	int more;

	(void)make_member(f, &room, "lee");
	(void)make_member(f, &room, "mina");
	assert_int_equal(
	    chatters_add_online(f->db, room.id, kim.id, 1, &one, &more), DB_OK);
	assert_int_equal(
	    chatters_add_online(f->db, room.id, kim.id, 2, &both, &more),
	    DB_OK);
	for (size_t room_left = 0; room_left <= both.len; room_left++) {
		size_t full = LIST_BYTES_MAX - room_left;

		buf_clear(&b);
		while (b.len < full)
			buf_addc(&b, ' ');
		assert_int_equal(
		    chatters_add_online(f->db, room.id, kim.id, 9, &b, &more),
		    DB_OK);
		assert_int_equal(more, room_left < both.len);
		assert_memory_equal(b.p + full, both.p, b.len - full);
		assert_int_equal(b.len - full, more ? one.len : both.len);
	}
	buf_done(&b);
	buf_done(&one);
	buf_done(&both);
}

static void
s5_6_my_rooms_end_by_bytes_and_go_on_where_they_ended(void **state)
{
	enum { ROOMS = 10 };
	struct fixture *f = *state;
	struct my_rooms_place place = { .at = INT64_MAX };
	struct user_id user = make_user(f);
	struct buf b = BUF_INIT;
	int seen = 0, pages = 0, more = 1;

	for (int i = 0; i < ROOMS; i++) {
		char name[] = "room-0";
		struct chatter c;
		struct room room;

		name[5] = (char)('0' + i);
		room = make_room(f, name, user, 9);
		assert_int_equal(act_join(f, &room, user, "kim", &c), DB_OK);
		say_much(f, &room, user);
	}
	for (; more; pages++) {
		buf_clear(&b);
		assert_int_equal(my_rooms_add(f->db, user, MY_ROOMS_LIMIT_MAX,
				     &place, &b, &more),
		    DB_OK);
		assert_true(b.len <= LIST_BYTES_MAX);
		for (const char *s = buf_str(&b);
		     (s = strstr(s, "{\"room\":")) != NULL; s++)
			seen++;
	}
	assert_int_equal(seen, ROOMS);
	assert_int_equal(pages, 2);
	buf_done(&b);
}

static void
an_answer_is_full_by_events_or_by_bytes_but_never_empty(void **state)
{
	static const struct {
		int n;
		size_t bytes, next;
		int full;
	} answers[] = {
		{ 0, 0, LIST_BYTES_MAX + 1, 0 },
		{ 0, LIST_BYTES_MAX, 9, 0 },
		{ 1, LIST_BYTES_MAX - 9, 9, 0 },
		{ 1, LIST_BYTES_MAX - 9, 10, 1 },
		{ WIRE_ANSWER_EVENTS - 1, 0, 1, 0 },
		{ WIRE_ANSWER_EVENTS, 0, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(wire_answer_is_full(answers[i].n,
				     answers[i].bytes, answers[i].next),
		    answers[i].full);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(
		    s3_9_pages_that_end_by_bytes_have_no_gap_and_no_repeat),
		WITH_STORE(a_page_has_one_message_even_if_that_does_not_fit),
		WITH_STORE(a_list_that_ends_by_bytes_ends_with_a_whole_row),
		WITH_STORE(
		    s5_6_my_rooms_end_by_bytes_and_go_on_where_they_ended),
		cmocka_unit_test(
		    an_answer_is_full_by_events_or_by_bytes_but_never_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
