/* Messages that count as delivered to a member with any number of connections. */
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

enum { LEASE = 15000, FOREVER = 3600000 };

/* Kim is present in the lobby for long, and lee talks. */
struct scene {
	struct fixture *fixture;
	struct room room;
	struct chatter kim, lee;
};

static struct scene
scene(void **state)
{
	struct scene s = { .fixture = *state };

	s.room = make_room(s.fixture, "lobby", make_user(s.fixture), 9);
	s.lee = make_member(s.fixture, &s.room, "lee");
	s.kim = make_member(s.fixture, &s.room, "kim");
	return s;
}

/* Sends a message of lee; returns its seq. */
static int64_t
say(struct scene *s)
{
	struct message_draft m = { .content = "hi" };

	assert_int_equal(
	    act_send(s->fixture, &s->room, s->lee.user, &m, NULL), DB_OK);
	return eventlog_head(s->fixture);
}

/*
 * A poll on connection CONN with CURSOR, which proves what was heard if it is
 * PROVEN.
 */
static struct presence_id
poll_from(struct scene *s, const char *conn, int64_t cursor, int proven)
{
	struct entry e = { .transport = TRANSPORT_POLL,
		.conn = conn,
		.lease_ms = LEASE,
		.cursor = cursor,
		.proven = proven };
	struct presence_id id;

	assert_int_equal(
	    act_enter(s->fixture, &s->room, &s->kim, &e, &id), DB_OK);
	return id;
}

struct raising {
	struct presence_id row;
	int64_t upto;
	struct delivery_change change;
	int did;
};

static enum db_rc
raise_row(struct db *db, void *arg)
{
	struct raising *r = arg;
	enum db_rc rc = delivery_raise(db, r->row, r->upto, &r->change);

	r->did = rc == DB_OK;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
undo_row(struct db *db, void *arg)
{
	struct raising *r = arg;

	return delivery_undo(db, &r->change);
}

/* Notes that the answer to a poll held everything up to UPTO. */
static struct raising
answer(struct scene *s, struct presence_id row, int64_t upto)
{
	struct raising r = { .row = row, .upto = upto };

	assert_int_equal(db_write(s->fixture->db, raise_row, &r), DB_OK);
	return r;
}

static void
vanish(struct scene *s)
{
	fake_clock_advance(FOREVER);
	while (act_reap(s->fixture) == DB_OK)
		continue;
	assert_int_equal(presence_online(s->fixture->db, s->kim.id), DB_NONE);
}

static void
assert_unread(struct scene *s, int want)
{
	struct buf json = BUF_INIT, text = BUF_INIT;
	struct my_rooms_place place = { .at = INT64_MAX };
	int more;

	buf_addf(&text, "\"unread\":%d,", want);
	assert_int_equal(
	    my_rooms_add(s->fixture->db, s->kim.user, 9, &place, &json, &more),
	    DB_OK);
	if (strstr(buf_str(&json), buf_str(&text)) == NULL)
		fail_msg("%s, but it is %s", buf_str(&text), buf_str(&json));
	buf_done(&json);
	buf_done(&text);
}

static void
A1_s5_7_a_gap_between_two_connections_is_unread(void **state)
{
	struct scene s = scene(state);
	struct presence_id one, two;
	int64_t first, gap;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 0);
	first = say(&s);
	(void)answer(&s, one, first);
	gap = say(&s);
	two = poll_from(&s, "two", gap, 0);
	(void)answer(&s, two, say(&s));
	(void)say(&s);
	vanish(&s);
	assert_unread(&s, 2);
}

static void
A1_s5_7_a_cursor_closes_the_gaps_before_it(void **state)
{
	struct scene s = scene(state);
	int64_t seq;

	(void)poll_from(&s, "one", eventlog_head(s.fixture), 0);
	(void)say(&s);
	seq = say(&s);
	(void)say(&s);
	(void)poll_from(&s, "two", seq, 1);
	vanish(&s);
	assert_unread(&s, 1);
}

/*
 * Events of other rooms lie between the cursor of a poll and that of its
 * answer.
 */
static void
A1_s5_7_a_cursor_leaves_what_its_connection_passed_over_unread(void **state)
{
	struct scene s = scene(state);
	struct presence_id one;
	int64_t cursor;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 0);
	(void)answer(&s, one, say(&s));
	(void)say(&s);
	(void)poll_from(&s, "one", eventlog_head(s.fixture), 0);
	(void)make_member(s.fixture, &s.room, "max");
	cursor = eventlog_head(s.fixture);
	(void)say(&s);
	one = poll_from(&s, "one", cursor, 1);
	(void)answer(&s, one, eventlog_head(s.fixture));
	vanish(&s);
	assert_unread(&s, 1);
}

static void
A1_s5_7_a_connection_that_comes_back_with_less_has_heard_less(void **state)
{
	struct scene s = scene(state);
	struct presence_id one;
	int64_t first;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 1);
	first = say(&s);
	(void)answer(&s, one, say(&s));
	/* The answer got lost, and the client asks again. */
	(void)poll_from(&s, "one", first, 1);
	vanish(&s);
	assert_unread(&s, 1);
}

/* The answer that got lost was not that of another connection. */
static void
A1_s5_7_an_older_cursor_of_another_connection_takes_nothing_back(void **state)
{
	struct scene s = scene(state);
	struct presence_id one;
	int64_t first;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 1);
	first = say(&s);
	(void)answer(&s, one, say(&s));
	(void)poll_from(&s, "two", first, 1);
	vanish(&s);
	assert_unread(&s, 0);
}

static void
A1_s5_7_an_answer_that_is_taken_back_was_not_heard(void **state)
{
	struct scene s = scene(state);
	struct presence_id one;
	struct raising lost;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 1);
	(void)answer(&s, one, say(&s));
	lost = answer(&s, one, say(&s));
	assert_true(lost.did);
	assert_int_equal(db_write(s.fixture->db, undo_row, &lost), DB_OK);
	vanish(&s);
	assert_unread(&s, 1);
}

static void
A1_s5_7_what_was_heard_since_is_not_taken_back(void **state)
{
	struct scene s = scene(state);
	struct presence_id one;
	struct raising lost;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 1);
	lost = answer(&s, one, say(&s));
	(void)answer(&s, one, say(&s));
	assert_int_equal(db_write(s.fixture->db, undo_row, &lost), DB_OK);
	vanish(&s);
	assert_unread(&s, 0);
}

static void
A1_s5_7_an_answer_without_messages_writes_nothing(void **state)
{
	struct scene s = scene(state);
	struct presence_id one;

	one = poll_from(&s, "one", eventlog_head(s.fixture), 1);
	(void)make_member(s.fixture, &s.room, "max");
	assert_false(answer(&s, one, eventlog_head(s.fixture)).did);
}

static void
A1_s5_7_who_leaves_or_is_removed_has_nothing_unread_and_begins_anew(
    void **state)
{
	const enum leave_reason reasons[] = { LEAVE_LEFT, LEAVE_REMOVED };
	struct scene s = scene(state);
	struct presence_id one;

	for (int i = 0; i < 2; i++) {
		one = poll_from(&s, "one", eventlog_head(s.fixture), 0);
		(void)answer(&s, one, say(&s));
		(void)say(&s);
		act_leave(s.fixture, &s.room, &s.kim, reasons[i]);
		(void)say(&s);
		assert_int_equal(
		    act_join(s.fixture, &s.room, s.kim.user, "kim", &s.kim),
		    DB_OK);
		assert_unread(&s, 0);
		(void)say(&s);
		vanish(&s);
		assert_unread(&s, 1);
		assert_int_equal(
		    act_join(s.fixture, &s.room, s.kim.user, "kim", &s.kim),
		    DB_OK);
		act_leave(s.fixture, &s.room, &s.kim, LEAVE_LEFT);
		assert_int_equal(
		    act_join(s.fixture, &s.room, s.kim.user, "kim", &s.kim),
		    DB_OK);
	}
}

/*
 * A model of which messages were delivered to any connection during one stay.
 */
enum { CONNS = 4, SAID_MAX = 64, ROUNDS = 200, ACTS = 40 };

struct model {
	int64_t seqs[SAID_MAX]; /* of the messages */
	int heard[SAID_MAX];
	int n;
	struct presence_id rows[CONNS]; /* 0: none */
	int64_t start[CONNS], upto[CONNS];
	int64_t latest; /* start of any connection */
};

static void
hear(struct model *m, int64_t after, int64_t upto)
{
	for (int i = 0; i < m->n; i++)
		m->heard[i] |= m->seqs[i] > after && m->seqs[i] <= upto;
}

static void
act(struct scene *s, struct model *m, unsigned dice)
{
	static const char *const names[CONNS] = { "a", "b", "c", "d" };
	int which = (int)(dice >> 3 & 3);
	int64_t head = eventlog_head(s->fixture), cursor;

	switch (dice & 7) {
	case 0:
	case 1:
	case 2:
		if (m->n < SAID_MAX)
			m->seqs[m->n++] = say(s);
		break;
	case 3: /* with a cursor: its own, or that of the one that began last */
		cursor = m->upto[which] > 0 ? m->upto[which] : head;
		if (m->upto[which] == 0)
			m->start[which] = m->latest;
		m->rows[which] = poll_from(s, names[which], cursor, 1);
		m->upto[which] = cursor;
		hear(m, m->start[which], cursor);
		break;
	case 4: /* without any: the place is now */
		m->rows[which] = poll_from(s, names[which], head, 0);
		m->start[which] = m->upto[which] = m->latest = head;
		break;
	default:
		if (m->rows[which].n == 0)
			break;
		(void)answer(s, m->rows[which], head);
		hear(m, m->upto[which], head);
		m->upto[which] = head;
		break;
	}
}

static void
A1_s5_7_the_count_is_what_no_connection_was_delivered(void **state)
{
	struct scene s = scene(state);
	unsigned dice = 1;

	for (int round = 0; round < ROUNDS; round++) {
		struct model m = { 0 };
		int missed = 0;

		assert_int_equal(
		    act_join(s.fixture, &s.room, s.kim.user, "kim", &s.kim),
		    DB_OK);
		m.latest = eventlog_head(s.fixture);
		(void)poll_from(&s, "lasts", m.latest, 0);
		for (int i = 0; i < ACTS; i++) {
			dice = dice * 1103515245u + 12345u;
			act(&s, &m, dice >> 16);
		}
		vanish(&s);
		for (int i = 0; i < m.n; i++)
			missed += !m.heard[i];
		assert_unread(&s, missed);
		act_leave(s.fixture, &s.room, &s.kim, LEAVE_LEFT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(A1_s5_7_a_gap_between_two_connections_is_unread),
		FIXTURE_TEST(A1_s5_7_a_cursor_closes_the_gaps_before_it),
		FIXTURE_TEST(
		    A1_s5_7_a_cursor_leaves_what_its_connection_passed_over_unread),
		FIXTURE_TEST(
		    A1_s5_7_a_connection_that_comes_back_with_less_has_heard_less),
		FIXTURE_TEST(
		    A1_s5_7_an_older_cursor_of_another_connection_takes_nothing_back),
		FIXTURE_TEST(
		    A1_s5_7_an_answer_that_is_taken_back_was_not_heard),
		FIXTURE_TEST(A1_s5_7_what_was_heard_since_is_not_taken_back),
		FIXTURE_TEST(A1_s5_7_an_answer_without_messages_writes_nothing),
		FIXTURE_TEST(
		    A1_s5_7_who_leaves_or_is_removed_has_nothing_unread_and_begins_anew),
		FIXTURE_TEST(
		    A1_s5_7_the_count_is_what_no_connection_was_delivered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
