/* Rooms: made, found, listed and changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/base/buf.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

static struct write_args
unchanged(struct fixture *f, const struct room *room)
{
	return (struct write_args){
		.fixture = f, .room = room, .draft = write_no_change
	};
}

static void
a_room_is_found_by_its_name(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7), found;

	assert_int_equal(rooms_find(f->db, "lobby", &found), DB_OK);
	assert_true(found.id.n == room.id.n);
	assert_true(found.owner.n == room.owner.n);
	assert_true(found.capacity == 7 && found.grace == FIXTURE_GRACE);
	assert_true(found.expires == 0 && found.online == 0);
	assert_string_equal(found.name.s, "lobby");
	assert_int_equal(rooms_find(f->db, "other", &found), DB_NONE);
	assert_int_equal(rooms_find(f->db, "", &found), DB_NONE);
}

static void
a_name_is_taken_once(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct write_args w = { .fixture = f };

	w.draft = (struct room_draft){ .name = room.name,
		.namespace = "other",
		.owner = room.owner,
		.title = "Another",
		.capacity = 1 };
	assert_int_equal(db_write(f->db, write_room, &w), DB_CONFLICT);
}

static void
s1_10_a_room_has_one_json_form(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct write_args w = unchanged(f, &room);
	struct buf json = BUF_INIT;

	assert_int_equal(rooms_add_json(f->db, room.id, &json), DB_OK);
	assert_string_equal(buf_str(&json),
	    "{\"id\":\"lobby\",\"namespace\":\"main\",\"title\":\"lobby\","
	    "\"capacity\":7,\"online\":0,"
	    "\"created_at\":\"2026-11-20T09:30:00.123Z\",\"expires_at\":null,"
	    "\"expired\":false,\"listed\":true,\"has_password\":false,"
	    "\"grace_ms\":5000,\"notices\":\"all\",\"post\":\"members\",\"slow_ms\":0}");
	w.draft.title = "\"Ops\"\n\xea\xb9\x80";
	w.draft.expires = fake_clock_wall + 1000;
	w.draft.listed = ROOM_UNLISTED;
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	buf_clear(&json);
	assert_int_equal(rooms_add_json(f->db, room.id, &json), DB_OK);
	assert_non_null(strstr(buf_str(&json),
	    "\"title\":\"\\\"Ops\\\"\\n\xea\xb9\x80\",\"capacity\":7,"));
	assert_non_null(strstr(buf_str(&json),
	    "\"expires_at\":\"2026-11-20T09:30:01.123Z\","
	    "\"expired\":false,\"listed\":false,"));
	buf_clear(&json);
	room.id.n += 100;
	assert_int_equal(rooms_add_json(f->db, room.id, &json), DB_NONE);
	buf_done(&json);
}

static void
a_change_touches_what_it_names_and_is_told(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7), now;
	struct write_args w = unchanged(f, &room);
	int64_t head = eventlog_head(f);

	w.draft.grace = 0;
	w.draft.expires = fake_clock_wall + 10;
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &now), DB_OK);
	assert_true(now.grace == 0 && now.capacity == 7);
	assert_true(now.expires == fake_clock_wall + 10);
	assert_int_equal(
	    eventlog_count(f, head, "room 0 {\"room\":{\"id\":"), 1);
	w.draft.expires = 0;
	w.draft.capacity = 9;
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &now), DB_OK);
	assert_true(now.expires == 0 && now.capacity == 9);
}

static void
a_room_expires_at_its_time(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);

	assert_false(rooms_expired(&room));
	act_expire(f, &room, fake_clock_wall + 10);
	assert_false(rooms_expired(&room));
	fake_clock_advance(10);
	assert_true(rooms_expired(&room));
}

static void
s1_2_a_list_is_of_one_namespace_and_pages_in_the_order_of_making(void **state)
{
	struct fixture *f = *state;
	struct user_id owner = make_user(f);
	struct room first = make_room(f, "room-c", owner, 1), expired, hidden;
	struct write_args w = { .fixture = f };
	struct buf b = BUF_INIT;
	int more;

	expired = make_room(f, "room-x", owner, 1);
	act_expire(f, &expired, fake_clock_wall);
	(void)make_room(f, "room-b", owner, 1);
	hidden = make_room(f, "room-h", owner, 1);
	w = unchanged(f, &hidden);
	w.draft.listed = ROOM_UNLISTED;
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	(void)make_room(f, "room-a", owner, 1);

	assert_int_equal(
	    rooms_add_list(f->db, "main", NULL, 2, &b, &more), DB_OK);
	assert_int_equal(more, 1);
	assert_non_null(strstr(buf_str(&b), "room-c"));
	assert_non_null(strstr(buf_str(&b), "},{\"id\":\"room-b\""));
	assert_null(strstr(buf_str(&b), "room-a"));
	buf_clear(&b);
	assert_int_equal(
	    rooms_add_list(f->db, "main", "room-b", 2, &b, &more), DB_OK);
	assert_int_equal(more, 0);
	assert_memory_equal(buf_str(&b), "{\"id\":\"room-a\"", 14);
	assert_null(strstr(buf_str(&b), "},{"));
	buf_clear(&b);
	assert_int_equal(
	    rooms_add_list(f->db, "other", NULL, 2, &b, &more), DB_OK);
	assert_int_equal(b.len, 0);
	assert_int_equal(more, 0);
	assert_true(first.id.n > 0);
	buf_done(&b);
}

static void
a_password_stays_until_it_is_taken_away(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct write_args w = unchanged(f, &room);
	struct buf hash = BUF_INIT;

	assert_false(room.has_password);
	w.draft.password = "hash";
	w.draft.notices = NOTICES_QUIET;
	w.draft.slow = 1500;
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	w = unchanged(f, &room);
	w.draft.title = "Another";
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &room), DB_OK);
	assert_true(room.has_password && room.slow == 1500);
	assert_int_equal(room.notices, NOTICES_QUIET);
	assert_int_equal(rooms_add_password(f->db, room.id, &hash), DB_OK);
	assert_string_equal(buf_str(&hash), "hash");
	assert_int_equal(eventlog_count(f, 0, "\"hash\""), 0);
	w.draft.password = "";
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &room), DB_OK);
	assert_false(room.has_password);
	buf_done(&hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_room_is_found_by_its_name),
		FIXTURE_TEST(a_name_is_taken_once),
		FIXTURE_TEST(s1_10_a_room_has_one_json_form),
		FIXTURE_TEST(a_change_touches_what_it_names_and_is_told),
		FIXTURE_TEST(a_room_expires_at_its_time),
		FIXTURE_TEST(a_password_stays_until_it_is_taken_away),
		FIXTURE_TEST(
		    s1_2_a_list_is_of_one_namespace_and_pages_in_the_order_of_making),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
