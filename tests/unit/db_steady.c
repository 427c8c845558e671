/*
 * Durations that outlive a process, which setting the wall clock does not
 * change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "db/base/clock.h"
#include "db/chat/tickets.h"
#include "db/chat/room_change.h"
#include "db/chat/room_end.h"
#include "db/rows/bans.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "db/chat/repeats.h"
#include "db/chat/edit.h"
#include "db/chat/say.h"
#include "db/rows/rooms.h"
#include "db/rows/steady.h"
#include "tests/lib/act.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/tmpdir.h"
#include "tests/lib/write.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const int64_t jumps[] = { -HOUR, HOUR, -DAY, DAY, -400LL * DAY,
	400LL * DAY };

enum { N_JUMPS = sizeof(jumps) / sizeof(jumps[0]) };

static void
start_machine_anew(struct fixture *f)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	store_close(f->store);
	buf_addf(&path, "%s/parlor.db", f->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(
		sqlite, "UPDATE meta SET boot = 'another'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
	fake_clock_lease = 5;
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
}

static void
A4_steady_time_goes_on_whatever_the_wall_clock_is_set_to(void **state)
{
	struct fixture *f = *state;
	int64_t before = steady_now(f->db);

	assert_true(before == fake_clock_wall);
	for (int i = 0; i < N_JUMPS; i++) {
		fake_clock_wall += jumps[i];
		assert_true(steady_now(f->db) == before);
		fake_clock_advance(7);
		before += 7;
		assert_true(steady_now(f->db) == before);
		assert_true(
		    steady_to_wall(f->db, before + 3) == fake_clock_wall + 3);
	}
}

static void
A4_steady_time_is_one_for_all_who_open_the_store(void **state)
{
	struct fixture *f = *state;
	int64_t before = steady_now(f->db);

	fake_clock_wall += DAY;
	fake_clock_advance(1);
	store_close(f->store);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
	assert_true(steady_now(f->db) == before + 1);
}

static void
A4_a_new_boot_begins_at_the_wall_time_and_never_in_the_past(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	int64_t before = steady_now(f->db);

	(void)make_member(f, &room, "kim");
	fake_clock_wall += DAY;
	start_machine_anew(f);
	assert_true(steady_now(f->db) == before + DAY);
	(void)make_member(f, &room, "lee");
	fake_clock_wall = 1000;
	start_machine_anew(f);
	assert_true(steady_now(f->db) > before + DAY);
}

static void
A4_slow_mode_lasts_as_long_as_it_says(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = { .content = "hi" };

	room.slow = MINUTE;
	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
		fake_clock_wall += jumps[i];
		fake_clock_advance(MINUTE - 1);
		assert_int_equal(
		    act_send(f, &room, kim.user, &m, NULL), DB_CONFLICT);
		assert_true(f->sent.wait == 1);
		fake_clock_advance(1);
	}
}

static enum db_rc
edit(struct db *db, void *arg)
{
	struct write_args *w = arg;
	struct message_change change = { .user = w->user,
		.message = { w->limit },
		.within = MINUTE,
		.content = "b" };

	return edit_message(db, w->room, &change, &w->json, &w->fixture->why);
}

static void
A4_the_time_for_edits_lasts_as_long_as_it_says(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = { .content = "a" };
	struct write_args w = {
		.fixture = f, .room = &room, .user = kim.user, .limit = 1
	};

	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
		w.limit++;
		fake_clock_wall += jumps[i];
		fake_clock_advance(MINUTE);
		assert_int_equal(db_write(f->db, edit, &w), DB_OK);
		fake_clock_advance(1);
		assert_int_equal(db_write(f->db, edit, &w), DB_CONFLICT);
		assert_int_equal(f->why, PROBLEM_TOO_LATE);
	}
	buf_done(&w.json);
}

static enum db_rc
ban(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return bans_make(
	    db, w->chatter->room, w->chatter->user, steady_now(db) + MINUTE);
}

static void
A4_a_ban_lasts_as_long_as_it_says(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct write_args w = { .fixture = f, .chatter = &kim };
	struct buf list = BUF_INIT, until = BUF_INIT;
	int more;

	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(db_write(f->db, ban, &w), DB_OK);
		fake_clock_wall += jumps[i];
		fake_clock_advance(MINUTE - 1);
		assert_int_equal(bans_check(f->db, room.id, kim.user), DB_OK);
		buf_clear(&until);
		buf_clear(&list);
		clock_add_rfc3339(
		    &until, (fake_clock_wall + 501) / 1000 * 1000);
		assert_int_equal(bans_add_list(f->db, room.id,
				     (struct chatter_id){ 0 }, 5, &list, &more),
		    DB_OK);
		assert_non_null(strstr(buf_str(&list), buf_str(&until)));
		fake_clock_advance(1);
		assert_int_equal(bans_check(f->db, room.id, kim.user), DB_NONE);
	}
	buf_done(&list);
	buf_done(&until);
}

static void
A4_a_ticket_lasts_as_long_as_it_says(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f);
	struct buf text = BUF_INIT;
	struct ticket t;

	for (int i = 0; i < N_JUMPS; i++) {
		t = (struct ticket){ user, steady_now(f->db) + MINUTE, 0 };
		buf_clear(&text);
		assert_int_equal(tickets_make(f->db, &t, &text), DB_OK);
		fake_clock_wall += jumps[i];
		fake_clock_advance(MINUTE - 1);
		assert_int_equal(
		    tickets_check(f->db, buf_str(&text), &t), DB_OK);
		fake_clock_advance(1);
		assert_int_equal(
		    tickets_check(f->db, buf_str(&text), &t), DB_NONE);
	}
	buf_done(&text);
}

static enum db_rc
keep(struct db *db, void *arg)
{
	struct repeat *id = arg;

	return repeats_keep(db, id, &(struct idempotency_made){ { 7 }, 1 });
}

static void
A4_a_repeat_is_known_for_a_day(void **state)
{
	struct fixture *f = *state;
	struct repeat_input r = { .route = "rooms", .key = "key" };
	struct idempotency_made made;
	struct repeat id;

	repeats_init(&id, &r);
	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(db_write(f->db, keep, &id), DB_OK);
		fake_clock_wall += jumps[i];
		fake_clock_advance(REPEATS_KEEP_MS);
		assert_int_equal(repeats_due(f->db), DB_NONE);
		assert_int_equal(repeats_find(f->db, &id, &made), DB_OK);
		fake_clock_advance(1);
		assert_int_equal(repeats_find(f->db, &id, &made), DB_NONE);
	}
}

static void
A4_events_are_as_old_as_the_time_since_they_happened(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);

	for (int i = 0; i < N_JUMPS; i++) {
		(void)make_member(f, &room, "kim");
		fake_clock_wall += jumps[i];
		assert_int_equal(
		    events_prune_due(f->db, steady_now(f->db) - HOUR, 1000),
		    DB_NONE);
		fake_clock_advance(HOUR + 1);
		assert_int_equal(
		    events_prune_due(f->db, steady_now(f->db) - HOUR, 1000),
		    DB_OK);
		store_close(f->store);
		tmpdir_remove(f->dir);
		tmpdir_make(f->dir);
		f->store = tmpdir_new_store(f->dir, STORE_DIRECT);
		f->db = store_db(f->store);
		room = make_room(f, "lobby", make_user(f), 7);
	}
}

static enum db_rc
expire(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_change(db, w->room, &w->draft);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return room_end_close_expired(db, 2);
}

static void
A4_a_clock_that_is_wrong_for_a_while_deletes_no_room(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct write_args w = {
		.fixture = f, .room = &room, .draft = write_no_change
	};

	w.draft.expires = fake_clock_wall + DAY;
	assert_int_equal(db_write(f->db, expire, &w), DB_OK);
	fake_clock_wall += 400LL * DAY;
	assert_int_equal(room_end_due(f->db), DB_OK);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	fake_clock_advance(MINUTE);
	assert_int_equal(
	    room_end_purge_due(f->db, steady_now(f->db) - HOUR), DB_NONE);
	fake_clock_wall -= 400LL * DAY;
	assert_int_equal(room_end_due(f->db), DB_OK);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_int_equal(room_end_due(f->db), DB_NONE);
	assert_int_equal(rooms_get(f->db, room.id, &room), DB_OK);
	assert_false(room.closed);
	fake_clock_advance(2 * HOUR);
	assert_int_equal(
	    room_end_purge_due(f->db, steady_now(f->db) - HOUR), DB_NONE);
	fake_clock_advance(DAY);
	assert_int_equal(room_end_due(f->db), DB_OK);
}

static int
setup(void **state)
{
	fake_clock_wall = 1795167000123;
	return fixture_setup(state);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(
		    A4_steady_time_goes_on_whatever_the_wall_clock_is_set_to),
		WITH_STORE(A4_steady_time_is_one_for_all_who_open_the_store),
		WITH_STORE(
		    A4_a_new_boot_begins_at_the_wall_time_and_never_in_the_past),
		WITH_STORE(A4_slow_mode_lasts_as_long_as_it_says),
		WITH_STORE(A4_the_time_for_edits_lasts_as_long_as_it_says),
		WITH_STORE(A4_a_ban_lasts_as_long_as_it_says),
		WITH_STORE(A4_a_ticket_lasts_as_long_as_it_says),
		WITH_STORE(A4_a_repeat_is_known_for_a_day),
		WITH_STORE(
		    A4_events_are_as_old_as_the_time_since_they_happened),
		WITH_STORE(
		    A4_a_clock_that_is_wrong_for_a_while_deletes_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
