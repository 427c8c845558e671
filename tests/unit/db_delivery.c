/*
 * An answer counts as heard once it was handed to the web server, and not
 * before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/delivery.h"
#include "db/chat/say.h"
#include "db/chat/my_rooms.h"
#include "db/chat/arrivals.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

/* Kim has joined a room in which lee speaks. */
struct scene {
	struct fixture *fixture;
	struct room room;
	struct chatter kim, lee;
	struct presence_id row; /* of kim's poll */
};

static struct scene
scene(void **state)
{
	struct entry poll = { .transport = TRANSPORT_POLL,
		.conn = "poll",
		.lease_ms = FIXTURE_LEASE };
	struct scene s = { .fixture = *state };

	s.room = make_room(s.fixture, "lobby", make_user(s.fixture), 9);
	s.lee = make_member(s.fixture, &s.room, "lee");
	s.kim = make_member(s.fixture, &s.room, "kim");
	assert_int_equal(
	    act_enter(s.fixture, &s.room, &s.kim, &poll, &s.row), DB_OK);
	return s;
}

static void
lee_says(struct scene *s, const char *content)
{
	struct message_draft m = { .content = content };

	assert_int_equal(
	    act_send(s->fixture, &s->room, s->lee.user, &m, NULL), DB_OK);
}

struct answer {
	struct presence_id row;
	int64_t upto;
	struct delivery_change change;
};

static enum db_rc
raise_row(struct db *db, void *arg)
{
	struct answer *a = arg;

	return delivery_raise(db, a->row, a->upto, &a->change);
}

static enum db_rc
undo(struct db *db, void *arg)
{
	const struct answer *a = arg;

	return delivery_undo(db, &a->change);
}

/* Prepares an answer to kim with everything up to now. */
static struct answer
answer(struct scene *s)
{
	struct answer a = { .row = s->row, .upto = eventlog_head(s->fixture) };

	assert_int_equal(db_write(s->fixture->db, raise_row, &a), DB_OK);
	return a;
}

/* Lets kim's poll expire; fails unless N messages are unread then. */
static void
check_missed(struct scene *s, const char *words)
{
	struct my_rooms_place from = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	int more;

	fake_clock_advance(FIXTURE_LEASE + FIXTURE_GRACE + 1);
	assert_int_equal(act_reap(s->fixture), DB_OK);
	assert_int_equal(
	    my_rooms_add(s->fixture->db, s->kim.user, 9, &from, &b, &more),
	    DB_OK);
	if (strstr(buf_str(&b), words) == NULL)
		fail_msg("not %s: %s", words, buf_str(&b));
	buf_done(&b);
}

static void
A1_s5_7_an_answer_that_was_handed_over_was_heard(void **state)
{
	struct scene s = scene(state);

	lee_says(&s, "one");
	(void)answer(&s);
	lee_says(&s, "two");
	check_missed(&s, "\"unread\":1,");
}

static void
A1_s5_7_an_answer_that_could_not_be_handed_over_was_not_heard(void **state)
{
	struct scene s = scene(state);
	struct answer a;

	lee_says(&s, "one");
	a = answer(&s);
	assert_int_equal(db_write(s.fixture->db, undo, &a), DB_OK);
	lee_says(&s, "two");
	check_missed(&s, "\"unread\":2,");
}

static void
A1_s5_7_a_later_answer_that_arrived_outlasts_an_earlier_failure(void **state)
{
	struct scene s = scene(state);
	struct answer first;

	lee_says(&s, "one");
	first = answer(&s);
	lee_says(&s, "two");
	(void)answer(&s);
	assert_int_equal(db_write(s.fixture->db, undo, &first), DB_OK);
	lee_says(&s, "three");
	check_missed(&s, "\"unread\":1,");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(A1_s5_7_an_answer_that_was_handed_over_was_heard),
		FIXTURE_TEST(
		    A1_s5_7_an_answer_that_could_not_be_handed_over_was_not_heard),
		FIXTURE_TEST(
		    A1_s5_7_a_later_answer_that_arrived_outlasts_an_earlier_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
