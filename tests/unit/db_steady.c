/* Durations that outlive a process: no set of the wall clock changes one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "db/rows/bans.h"
#include "db/rows/idempotency.h"
#include "db/rows/steady.h"
#include "tests/unit/place.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const int64_t jumps[] = { -HOUR, HOUR, -DAY, DAY, -400LL * DAY,
	400LL * DAY };

enum { N_JUMPS = sizeof(jumps) / sizeof(jumps[0]) };

static void
start_machine_anew(struct place *p)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	store_close(p->store);
	buf_addf(&path, "%s/parlor.db", p->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(
		sqlite, "UPDATE meta SET boot = 'another'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
	place_lease = 5;
	p->store = tmpdir_open(p->dir, STORE_DIRECT);
	p->db = store_db(p->store);
}

static void
A4_steady_time_goes_on_whatever_the_wall_clock_is_set_to(void **state)
{
	struct place *p = *state;
	int64_t before = steady_now(p->db);

	assert_true(before == place_wall);
	for (int i = 0; i < N_JUMPS; i++) {
		place_wall += jumps[i];
		assert_true(steady_now(p->db) == before);
		place_wait(7);
		before += 7;
		assert_true(steady_now(p->db) == before);
		assert_true(
		    steady_to_wall(p->db, before + 3) == place_wall + 3);
	}
}

static void
A4_steady_time_is_one_for_all_who_open_the_store(void **state)
{
	struct place *p = *state;
	int64_t before = steady_now(p->db);

	place_wall += DAY;
	place_wait(1);
	store_close(p->store);
	p->store = tmpdir_open(p->dir, STORE_DIRECT);
	p->db = store_db(p->store);
	assert_true(steady_now(p->db) == before + 1);
}

static void
A4_a_new_boot_begins_at_the_wall_time_and_never_in_the_past(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	int64_t before = steady_now(p->db);

	(void)place_newcomer(p, &room, "kim");
	place_wall += DAY;
	start_machine_anew(p);
	assert_true(steady_now(p->db) == before + DAY);
	(void)place_newcomer(p, &room, "lee");
	place_wall = 1000;
	start_machine_anew(p);
	assert_true(steady_now(p->db) > before + DAY);
}

static void
A4_slow_mode_lasts_as_long_as_it_says(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct message_draft m = { .content = "hi" };

	room.slow = MINUTE;
	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(
		    place_send(p, &room, kim.user, &m, NULL), DB_OK);
		place_wall += jumps[i];
		place_wait(MINUTE - 1);
		assert_int_equal(
		    place_send(p, &room, kim.user, &m, NULL), DB_CONFLICT);
		assert_true(p->sent.wait == 1);
		place_wait(1);
	}
}

static enum db_rc
edit(struct db *db, void *arg)
{
	struct deed *d = arg;
	struct message_change change = { .user = d->user,
		.message = { d->limit },
		.within = MINUTE,
		.content = "b" };

	return messages_edit(db, d->room, &change, &d->json, &d->place->why);
}

static void
A4_the_time_for_edits_lasts_as_long_as_it_says(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct message_draft m = { .content = "a" };
	struct deed d = {
		.place = p, .room = &room, .user = kim.user, .limit = 1
	};

	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(
		    place_send(p, &room, kim.user, &m, NULL), DB_OK);
		d.limit++;
		place_wall += jumps[i];
		place_wait(MINUTE);
		assert_int_equal(db_write(p->db, edit, &d), DB_OK);
		place_wait(1);
		assert_int_equal(db_write(p->db, edit, &d), DB_CONFLICT);
		assert_int_equal(p->why, PROBLEM_TOO_LATE);
	}
	buf_done(&d.json);
}

static enum db_rc
ban(struct db *db, void *arg)
{
	struct deed *d = arg;

	return bans_make(db, d->chatter, steady_now(db) + MINUTE);
}

static void
A4_a_ban_lasts_as_long_as_it_says(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct deed d = { .place = p, .chatter = &kim };
	struct buf list = BUF_INIT, until = BUF_INIT;
	int more;

	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(db_write(p->db, ban, &d), DB_OK);
		place_wall += jumps[i];
		place_wait(MINUTE - 1);
		assert_int_equal(bans_check(p->db, room.id, kim.user), DB_OK);
		buf_clear(&until);
		buf_clear(&list);
		clock_add_rfc3339(&until, (place_wall + 501) / 1000 * 1000);
		assert_int_equal(bans_add_list(p->db, room.id,
				     (struct chatter_id){ 0 }, 5, &list, &more),
		    DB_OK);
		assert_non_null(strstr(buf_str(&list), buf_str(&until)));
		place_wait(1);
		assert_int_equal(bans_check(p->db, room.id, kim.user), DB_NONE);
	}
	buf_done(&list);
	buf_done(&until);
}

static void
A4_a_ticket_lasts_as_long_as_it_says(void **state)
{
	struct place *p = *state;
	struct user_id user = place_user(p);
	struct buf text = BUF_INIT;
	struct ticket t;

	for (int i = 0; i < N_JUMPS; i++) {
		t = (struct ticket){ user, steady_now(p->db) + MINUTE, 0 };
		buf_clear(&text);
		assert_int_equal(tickets_make(p->db, &t, &text), DB_OK);
		place_wall += jumps[i];
		place_wait(MINUTE - 1);
		assert_int_equal(
		    tickets_check(p->db, buf_str(&text), &t), DB_OK);
		place_wait(1);
		assert_int_equal(
		    tickets_check(p->db, buf_str(&text), &t), DB_NONE);
	}
	buf_done(&text);
}

static enum db_rc
keep(struct db *db, void *arg)
{
	struct idempotency *id = arg;

	return idempotency_keep(db, id, &(struct idempotency_made){ { 7 }, 1 });
}

static void
A4_a_repeat_is_known_for_a_day(void **state)
{
	struct place *p = *state;
	struct idempotency_input r = { .route = "rooms", .key = "key" };
	struct idempotency_made made;
	struct idempotency id;

	idempotency_init(&id, &r);
	for (int i = 0; i < N_JUMPS; i++) {
		assert_int_equal(db_write(p->db, keep, &id), DB_OK);
		place_wall += jumps[i];
		place_wait(IDEMPOTENCY_KEEP_MS);
		assert_int_equal(idempotency_due(p->db), DB_NONE);
		assert_int_equal(idempotency_find(p->db, &id, &made), DB_OK);
		place_wait(1);
		assert_int_equal(idempotency_find(p->db, &id, &made), DB_NONE);
	}
}

static void
A4_events_are_as_old_as_the_time_since_they_happened(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);

	for (int i = 0; i < N_JUMPS; i++) {
		(void)place_newcomer(p, &room, "kim");
		place_wall += jumps[i];
		assert_int_equal(
		    events_prune_due(p->db, steady_now(p->db) - HOUR, 1000),
		    DB_NONE);
		place_wait(HOUR + 1);
		assert_int_equal(
		    events_prune_due(p->db, steady_now(p->db) - HOUR, 1000),
		    DB_OK);
		store_close(p->store);
		tmpdir_remove(p->dir);
		tmpdir_make(p->dir);
		p->store = tmpdir_store(p->dir, STORE_DIRECT);
		p->db = store_db(p->store);
		room = place_room(p, "lobby", place_user(p), 7);
	}
}

static enum db_rc
expire(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_change(db, d->room, &d->draft);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return rooms_close_expired(db, 2);
}

static void
A4_a_clock_that_is_wrong_for_a_while_deletes_no_room(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct deed d = { .place = p, .room = &room, .draft = room_as_it_is };

	d.draft.expires = place_wall + DAY;
	assert_int_equal(db_write(p->db, expire, &d), DB_OK);
	place_wall += 400LL * DAY;
	assert_int_equal(rooms_due(p->db), DB_OK);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	place_wait(MINUTE);
	assert_int_equal(
	    rooms_purge_due(p->db, steady_now(p->db) - HOUR), DB_NONE);
	place_wall -= 400LL * DAY;
	assert_int_equal(rooms_due(p->db), DB_OK);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_int_equal(rooms_due(p->db), DB_NONE);
	assert_int_equal(rooms_get(p->db, room.id, &room), DB_OK);
	assert_false(room.closed);
	place_wait(2 * HOUR);
	assert_int_equal(
	    rooms_purge_due(p->db, steady_now(p->db) - HOUR), DB_NONE);
	place_wait(DAY);
	assert_int_equal(rooms_due(p->db), DB_OK);
}

static int
setup(void **state)
{
	place_wall = 1795167000123;
	return place_setup(state);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, setup, place_teardown)
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
