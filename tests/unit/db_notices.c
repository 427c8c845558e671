/* Notices of joins and leaves: combined, coalesced or turned off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>

#include "db/chat/say.h"
#include "db/chat/notices.h"
#include "db/chat/room_change.h"
#include "db/chat/room_end.h"
#include "db/rows/rooms.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

struct telling {
	const struct room *room;
	enum notice notice;
	const struct chatter_id *ids;
	size_t n;
};

static enum db_rc
tell_in(struct db *db, void *arg)
{
	const struct telling *t = arg;

	return notices_tell(db, t->room, t->notice, t->ids, t->n);
}

static void
tell(struct fixture *f, const struct room *room, enum notice notice,
    const struct chatter *c)
{
	struct telling t = { room, notice, &c->id, 1 };

	assert_int_equal(db_write(f->db, tell_in, &t), DB_OK);
}

static enum db_rc
flush(struct db *db, void *arg)
{
	(void)arg;
	return notices_flush(db, 10);
}

/* Appends the texts of the notices after SEQ, one a line. */
static void
texts(struct fixture *f, int64_t seq, struct buf *to)
{
	static const char before[] = "\"content\":\"";
	struct buf lines = BUF_INIT;

	buf_clear(to);
	eventlog_lines(f, seq, &lines);
	for (const char *s = buf_str(&lines);
	     (s = strstr(s, before)) != NULL;) {
		size_t len = strcspn(s += sizeof(before) - 1, "\"");

		buf_add(to, s, len);
		buf_addc(to, '\n');
	}
	buf_done(&lines);
}

static void
heard(struct fixture *f, int64_t seq, const char *want)
{
	struct buf got = BUF_INIT;

	texts(f, seq, &got);
	assert_string_equal(buf_str(&got), want);
	buf_done(&got);
}

enum { CREW = 8 };

/* Makes CREW members, and lets the pace of notices recover. */
static struct room
gather(struct fixture *f, struct chatter *crew)
{
	struct room room = make_room(f, "lobby", make_user(f), 200);

	for (int i = 0; i < CREW; i++) {
		char name[] = { (char)('a' + i), '\0' };

		crew[i] = make_member(f, &room, name);
		fake_clock_advance(NOTICES_BURST_MS);
	}
	return room;
}

/* Uses up what may be told at once. */
static int64_t
fill(struct fixture *f, const struct room *room, const struct chatter *c)
{
	for (int i = 0; i < NOTICES_BURST; i++)
		tell(f, room, NOTICE_REMOVED, c);
	return eventlog_head(f);
}

static void
later(struct fixture *f)
{
	assert_int_equal(notices_due(f->db), DB_NONE);
	fake_clock_advance(NOTICES_BURST_MS);
	assert_int_equal(notices_due(f->db), DB_OK);
	assert_int_equal(db_write(f->db, flush, NULL), DB_OK);
	assert_int_equal(notices_due(f->db), DB_NONE);
}

static void
several_share_a_notice_that_counts_them_and_names_fifty(void **state)
{
	static const struct {
		size_t n;
		const char *text;
	} cases[] = {
		{ 1, "n0 left\n" },
		{ 2, "n0 and n1 left\n" },
		{ 3, "n0, n1 and n2 left\n" },
		{ 4, "n0, n1 and 2 others left\n" },
		{ 60, "n0, n1 and 58 others left\n" },
	};
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 200);
	struct chatter_id ids[60];

	for (int i = 0; i < 60; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "n%d", i);
		ids[i] = make_member(f, &room, name).id;
	}
	later(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct telling t = { &room, NOTICE_LEFT, ids, cases[i].n };
		int64_t seq;

		fake_clock_advance(NOTICES_BURST_MS);
		seq = eventlog_head(f);
		assert_int_equal(db_write(f->db, tell_in, &t), DB_OK);
		heard(f, seq, cases[i].text);
		assert_int_equal(eventlog_count(f, seq, "\"nickname\":"),
		    cases[i].n < 50 ? (int)cases[i].n : 50);
		assert_int_equal(
		    eventlog_count(f, seq, "\"chatter\":{"), cases[i].n == 1);
		assert_int_equal(
		    eventlog_count(f, seq, "\"chatters\":["), cases[i].n > 1);
	}
}

static void
a_burst_is_coalesced_and_told_together_a_second_later(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);
	int64_t seq = fill(f, &room, &c[0]);

	tell(f, &room, NOTICE_LEFT, &c[1]);
	tell(f, &room, NOTICE_JOINED, &c[2]);
	tell(f, &room, NOTICE_TIMEOUT, &c[3]);
	tell(f, &room, NOTICE_JOINED, &c[4]);
	tell(f, &room, NOTICE_LEFT, &c[5]);
	heard(f, seq, "");
	later(f);
	heard(f, seq, "b and f left\nd left\nc and e joined\n");
	/* That used three of the next second's notices. */
	tell(f, &room, NOTICE_JOINED, &c[6]);
	tell(f, &room, NOTICE_JOINED, &c[7]);
	heard(f, seq,
	    "b and f left\nd left\nc and e joined\ng joined\nh joined\n");
	tell(f, &room, NOTICE_JOINED, &c[1]);
	assert_int_equal(eventlog_count(f, seq, "b joined"), 0);
	fake_clock_advance(NOTICES_BURST_MS - 1);
	assert_int_equal(notices_due(f->db), DB_NONE);
	/* A notice after a coalesced one waits for it. */
	tell(f, &room, NOTICE_JOINED, &c[3]);
	assert_int_equal(eventlog_count(f, seq, "d joined"), 0);
	fake_clock_advance(1);
	assert_int_equal(db_write(f->db, flush, NULL), DB_OK);
	assert_int_equal(eventlog_count(f, seq, "b and d joined"), 1);
	assert_int_equal(db_write(f->db, flush, NULL), DB_NONE);
}

static void
who_comes_and_goes_while_coalesced_is_in_both_in_order(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);
	int64_t seq = fill(f, &room, &c[0]);

	tell(f, &room, NOTICE_JOINED, &c[1]);
	tell(f, &room, NOTICE_LEFT, &c[1]);
	tell(f, &room, NOTICE_TIMEOUT, &c[2]);
	tell(f, &room, NOTICE_JOINED, &c[2]);
	tell(f, &room, NOTICE_JOINED, &c[3]);
	later(f);
	heard(f, seq, "b and d joined\nb left\nc left\nc joined\n");

	fake_clock_advance(NOTICES_BURST_MS);
	seq = fill(f, &room, &c[0]);
	tell(f, &room, NOTICE_JOINED, &c[3]);
	tell(f, &room, NOTICE_TIMEOUT, &c[2]);
	tell(f, &room, NOTICE_JOINED, &c[2]);
	later(f);
	heard(f, seq, "c left\nd and c joined\n");
}

static void
what_is_coalesced_is_told_before_the_room_closes(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);
	int64_t seq = fill(f, &room, &c[0]);

	tell(f, &room, NOTICE_ROOM_CLOSED, &c[1]);
	heard(f, seq, "b left\n");
	fake_clock_advance(NOTICES_BURST_MS);
	seq = fill(f, &room, &c[0]);
	tell(f, &room, NOTICE_JOINED, &c[2]);
	tell(f, &room, NOTICE_ROOM_CLOSED, &c[2]);
	heard(f, seq, "c joined\nc left\n");
	fake_clock_advance(NOTICES_BURST_MS);
	assert_int_equal(notices_due(f->db), DB_NONE);
}

static void
who_flaps_while_coalesced_is_told_as_he_ended(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);
	int64_t seq = fill(f, &room, &c[0]);

	for (int i = 0; i < 20; i++) {
		tell(f, &room, NOTICE_JOINED, &c[1]);
		tell(f, &room, NOTICE_LEFT, &c[1]);
		tell(f, &room, NOTICE_TIMEOUT, &c[2]);
		tell(f, &room, NOTICE_JOINED, &c[2]);
	}
	tell(f, &room, NOTICE_JOINED, &c[1]);
	later(f);
	heard(f, seq, "c left\nb and c joined\n");
}

static void
a_room_hears_the_notices_that_it_wants(void **state)
{
	static const struct {
		enum notices policy;
		const char *text;
	} cases[] = {
		{ NOTICES_ALL, "b joined\nb left\nb left\nb left\nb left\n" },
		{ NOTICES_QUIET, "b left\nb left\n" },
		{ NOTICES_OFF, "" },
	};
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seq = eventlog_head(f);

		room.notices = cases[i].policy;
		for (int n = 0; n < N_NOTICES; n++)
			tell(f, &room, (enum notice)n, &c[1]);
		heard(f, seq, cases[i].text);
		assert_int_equal(eventlog_count(f, seq, "\"room_closed\""),
		    cases[i].policy != NOTICES_OFF);
		fake_clock_advance(NOTICES_BURST_MS);
	}
}

static enum db_rc
hush(struct db *db, void *arg)
{
	struct room_draft draft = { .capacity = -1,
		.grace = -1,
		.expires = -1,
		.slow = -1,
		.listed = -1,
		.notices = NOTICES_OFF };

	return room_change(db, arg, &draft);
}

static void
what_is_coalesced_is_not_told_to_a_room_that_wants_it_no_more(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);
	int64_t seq = fill(f, &room, &c[0]);

	tell(f, &room, NOTICE_JOINED, &c[1]);
	assert_int_equal(db_write(f->db, hush, &room), DB_OK);
	later(f);
	heard(f, seq, "");
}

static enum db_rc
delete_in(struct db *db, void *arg)
{
	return room_end_delete(db, arg);
}

static void
a_room_that_is_deleted_takes_what_is_coalesced_along(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);

	(void)fill(f, &room, &c[0]);
	tell(f, &room, NOTICE_JOINED, &c[1]);
	assert_int_equal(db_write(f->db, delete_in, &room), DB_OK);
	fake_clock_advance(NOTICES_BURST_MS);
	assert_int_equal(notices_due(f->db), DB_NONE);
}

static void
what_was_coalesced_before_the_machine_restarted_is_told_at_once(void **state)
{
	struct fixture *f = *state;
	struct chatter c[CREW];
	struct room room = gather(f, c);
	int64_t seq = fill(f, &room, &c[0]);

	tell(f, &room, NOTICE_JOINED, &c[1]);
	fake_clock_advance(-(int64_t)CREW * NOTICES_BURST_MS);
	assert_int_equal(notices_due(f->db), DB_OK);
	assert_int_equal(db_write(f->db, flush, NULL), DB_OK);
	tell(f, &room, NOTICE_JOINED, &c[2]);
	heard(f, seq, "b joined\nc joined\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    several_share_a_notice_that_counts_them_and_names_fifty),
		FIXTURE_TEST(
		    a_burst_is_coalesced_and_told_together_a_second_later),
		FIXTURE_TEST(
		    who_comes_and_goes_while_coalesced_is_in_both_in_order),
		FIXTURE_TEST(what_is_coalesced_is_told_before_the_room_closes),
		FIXTURE_TEST(who_flaps_while_coalesced_is_told_as_he_ended),
		FIXTURE_TEST(a_room_hears_the_notices_that_it_wants),
		FIXTURE_TEST(
		    what_is_coalesced_is_not_told_to_a_room_that_wants_it_no_more),
		FIXTURE_TEST(
		    a_room_that_is_deleted_takes_what_is_coalesced_along),
		FIXTURE_TEST(
		    what_was_coalesced_before_the_machine_restarted_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
