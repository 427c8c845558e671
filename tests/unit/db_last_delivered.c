/* The files in which a poller notes how far streams and polls were written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "db/chat/last_delivered.h"
#include "db/chat/arrivals.h"
#include "tests/lib/act.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

enum { SLOTS = 3 };

/* The number of such files; PATH becomes the path of one. */
static int
files(struct fixture *f, struct buf *path)
{
	DIR *dir = opendir(f->dir);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	buf_clear(path);
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "delivered-", 10) == 0) {
			buf_clear(path);
			buf_addf(path, "%s/%s", f->dir, entry->d_name);
			n++;
		}
	(void)closedir(dir);
	return n;
}

static void
A1_a_note_is_read_by_its_slot_while_the_daemon_lives_and_afterward(void **state)
{
	struct fixture *f = *state;
	struct last_delivered *d = last_delivered_open(f->store, SLOTS);
	int64_t a = last_delivered_take(d, 5), b = last_delivered_take(d, 6);

	assert_true(a != 0 && b != 0 && a != b);
	last_delivered_put(d, a, 17);
	assert_int_equal(last_delivered_read(f->db, a), 17);
	assert_int_equal(last_delivered_read(f->db, b), 6);
	last_delivered_close(d);
	assert_int_equal(last_delivered_read(f->db, a), 17);
}

static void
A1_a_slot_that_is_given_back_is_used_again_and_begins_anew(void **state)
{
	struct fixture *f = *state;
	struct last_delivered *d = last_delivered_open(f->store, SLOTS);
	int64_t slots[SLOTS];

	for (int i = 0; i < SLOTS; i++)
		slots[i] = last_delivered_take(d, 100 + i);
	assert_int_equal(last_delivered_take(d, 7), 0);
	last_delivered_give(d, slots[1]);
	assert_int_equal(last_delivered_take(d, 7), slots[1]);
	assert_int_equal(last_delivered_read(f->db, slots[1]), 7);
	assert_int_equal(last_delivered_read(f->db, slots[2]), 102);
	last_delivered_close(d);
}

static void
A1_without_a_slot_or_notes_nothing_is_known(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(last_delivered_take(NULL, 5), 0);
	last_delivered_put(NULL, 3, 5);
	last_delivered_give(NULL, 3);
	last_delivered_close(NULL);
	assert_int_equal(last_delivered_read(f->db, 0), 0);
}

static void
A1_a_file_that_is_lost_or_cut_short_tells_nothing(void **state)
{
	struct fixture *f = *state;
	struct buf path = BUF_INIT;
	struct last_delivered *d = last_delivered_open(f->store, SLOTS);
	int64_t slot;

	for (int i = 0; i < SLOTS; i++)
		slot = last_delivered_take(d, 9);
	last_delivered_close(d);
	assert_int_equal(files(f, &path), 1);
	assert_int_equal(truncate(buf_str(&path), 8), 0);
	/* Nothing is left of the last slot. */
	assert_int_equal(last_delivered_read(f->db, slot), 0);
	assert_int_equal(unlink(buf_str(&path)), 0);
	assert_int_equal(last_delivered_read(f->db, slot), 0);
	buf_done(&path);
}

/* Opens a stream of kim that has a slot in D. */
static int64_t
stream(struct fixture *f, const struct room *room, const struct chatter *kim,
    struct last_delivered *d)
{
	struct entry e = { .transport = TRANSPORT_STREAM,
		.conn = "tab",
		.node = make_node(f, FIXTURE_LEASE),
		.slot = last_delivered_take(d, 1) };

	assert_int_equal(act_enter(f, room, kim, &e, NULL), DB_OK);
	return e.slot;
}

static void
A1_two_daemons_have_notes_of_their_own_and_the_living_keep_theirs(void **state)
{
	struct fixture *f = *state;
	struct buf path = BUF_INIT;
	struct last_delivered *d = last_delivered_open(f->store, SLOTS),
			      *e = last_delivered_open(f->store, SLOTS);
	int64_t a = last_delivered_take(d, 1), b = last_delivered_take(e, 2);

	assert_int_equal(files(f, &path), 2);
	assert_int_equal(last_delivered_read(f->db, a), 1);
	assert_int_equal(last_delivered_read(f->db, b), 2);
	last_delivered_close(e);
	last_delivered_close(d);
	buf_done(&path);
}

static void
A1_the_file_of_a_dead_daemon_stays_as_long_as_a_row_names_it(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct buf path = BUF_INIT;
	struct last_delivered *d = last_delivered_open(f->store, SLOTS);
	int64_t slot = stream(f, &room, &kim, d);

	last_delivered_put(d, slot, 12);
	last_delivered_close(d);
	d = last_delivered_open(f->store, SLOTS);
	assert_int_equal(files(f, &path), 2);
	assert_int_equal(last_delivered_read(f->db, slot), 12);
	last_delivered_close(d);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	d = last_delivered_open(f->store, SLOTS);
	assert_int_equal(files(f, &path), 1);
	last_delivered_close(d);
	buf_done(&path);
}

struct poll {
	struct last_delivered *notes;
	const struct room *room;
	const struct chatter *chatter;
	const char *conn; /* NULL: the slot is put into no row */
	int64_t slot;
};

static enum db_rc
poll_once(struct db *db, void *arg)
{
	struct poll *p = arg;
	struct entry e = { .transport = TRANSPORT_POLL,
		.conn = p->conn,
		.lease_ms = FIXTURE_LEASE };
	struct presence_id id;
	enum problem why;
	enum db_rc rc = last_delivered_take_for_row(p->notes, db, &p->slot);

	e.slot = p->slot;
	return rc == DB_OK && p->conn != NULL ?
	    arrivals_enter(db, p->room, p->chatter, &e, &id, &why) :
	    rc;
}

/* Takes a slot for a poll by CONN, and gives it. */
static int64_t
taken(struct fixture *f, struct poll *p, const char *conn)
{
	p->conn = conn;
	assert_int_equal(db_write(f->db, poll_once, p), DB_OK);
	return p->slot;
}

static void
A1_slots_of_polls_are_used_again_only_when_no_row_names_them(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct last_delivered *d = last_delivered_open(f->store, SLOTS);
	struct poll p = { .notes = d, .room = &room, .chatter = &kim };
	int64_t a = taken(f, &p, "a"), lost = taken(f, &p, NULL),
		b = taken(f, &p, "b"), again;

	assert_true(last_delivered_put_for_row(d, a, 5));
	assert_true(last_delivered_put_for_row(d, lost, 6));
	assert_true(last_delivered_put_for_row(d, b, 7));
	again = taken(f, &p, "c");
	assert_true(again != 0 && again != lost);
	assert_int_equal(last_delivered_get(d, f->db, again), 0);
	/* Who still has the old slot does not spoil the new one. */
	assert_false(last_delivered_has(d, lost));
	assert_false(last_delivered_put_for_row(d, lost, 8));
	assert_int_equal(last_delivered_read(f->db, again), 0);
	assert_int_equal(last_delivered_get(d, f->db, a), 5);
	assert_int_equal(last_delivered_read(f->db, b), 7);
	last_delivered_close(d);
}

static void
A1_presence_rows_are_not_swept_for_slots_at_every_poll(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct last_delivered *d = last_delivered_open(f->store, SLOTS);
	struct poll p = { .notes = d, .room = &room, .chatter = &kim };
	static const char *const conns[SLOTS] = { "a", "b", "c" };

	for (int i = 0; i < SLOTS; i++)
		assert_true(last_delivered_has(d, taken(f, &p, conns[i])));
	assert_int_equal(taken(f, &p, "d"), 0);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	assert_int_equal(taken(f, &p, NULL), 0);
	fake_clock_lease += 10000;
	assert_true(last_delivered_has(d, taken(f, &p, NULL)));
	last_delivered_close(d);
}

static void
A1_a_slot_of_another_daemon_is_read_from_its_file(void **state)
{
	struct fixture *f = *state;
	struct last_delivered *d = last_delivered_open(f->store, SLOTS),
			      *e = last_delivered_open(f->store, SLOTS);
	struct poll p = { .notes = d };
	int64_t slot = taken(f, &p, NULL);

	assert_true(last_delivered_put_for_row(d, slot, 5));
	assert_false(last_delivered_has(e, slot));
	assert_false(last_delivered_put_for_row(e, slot, 6));
	assert_int_equal(last_delivered_get(e, f->db, slot), 5);
	assert_int_equal(last_delivered_get(NULL, f->db, slot), 5);
	assert_false(last_delivered_has(NULL, slot));
	assert_false(last_delivered_has(d, 0));
	last_delivered_close(e);
	last_delivered_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    A1_a_note_is_read_by_its_slot_while_the_daemon_lives_and_afterward),
		FIXTURE_TEST(
		    A1_a_slot_that_is_given_back_is_used_again_and_begins_anew),
		FIXTURE_TEST(A1_without_a_slot_or_notes_nothing_is_known),
		FIXTURE_TEST(A1_a_file_that_is_lost_or_cut_short_tells_nothing),
		FIXTURE_TEST(
		    A1_two_daemons_have_notes_of_their_own_and_the_living_keep_theirs),
		FIXTURE_TEST(
		    A1_the_file_of_a_dead_daemon_stays_as_long_as_a_row_names_it),
		FIXTURE_TEST(
		    A1_slots_of_polls_are_used_again_only_when_no_row_names_them),
		FIXTURE_TEST(
		    A1_presence_rows_are_not_swept_for_slots_at_every_poll),
		FIXTURE_TEST(A1_a_slot_of_another_daemon_is_read_from_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
