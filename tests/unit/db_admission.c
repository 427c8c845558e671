/* Seats that are refused: passwords and bans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/base/buf.h"
#include "db/rows/bans.h"
#include "db/rows/chatters.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

/* A seat for USER, who sends PASSWORD, which matched the hash PROVED. */
static enum db_rc
seat_with_password(struct fixture *f, const struct room *room,
    struct user_id user, const char *password, const char *proved)
{
	struct write_args w = { .fixture = f, .room = room };
	struct newcomer who = {
		.user = user, .password = password, .proved = proved
	};

	w.newcomer = &who;
	return db_write(f->db, write_newcomer_seat, &w);
}

static void
who_does_not_know_the_password_gets_no_seat(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct user_id lee = make_user(f);
	struct write_args w = { .fixture = f, .room = &room };

	w.draft = write_no_change;
	w.draft.password = "hash";
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &room), DB_OK);
	assert_int_equal(
	    seat_with_password(f, &room, lee, NULL, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_PASSWORD_REQUIRED);
	assert_int_equal(
	    seat_with_password(f, &room, lee, "x", NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_PASSWORD_WRONG);
	/* The hash that was matched is no longer the room's. */
	assert_int_equal(
	    seat_with_password(f, &room, lee, "x", "before"), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_PASSWORD_WRONG);
	assert_int_equal(seat_with_password(f, &room, lee, "x", "hash"), DB_OK);
	assert_int_equal(seat_with_password(f, &room, lee, NULL, NULL), DB_OK);
	assert_int_equal(
	    seat_with_password(f, &room, room.owner, NULL, NULL), DB_OK);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_OK);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_PASSWORD_REQUIRED);
	act_set_role(f, &room, &kim, ROLE_MODERATOR);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_OK);
}

static enum db_rc
ban(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return bans_make(db, w->chatter->room, w->chatter->user, w->ms);
}

static enum db_rc
lift(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return bans_lift(db, w->chatter->room, w->chatter->user);
}

static void
who_is_banned_gets_no_seat_until_the_ban_is_over(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct room other = make_room(f, "other", room.owner, 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct write_args w = { .fixture = f, .chatter = &kim };

	act_leave(f, &room, &kim, LEAVE_REMOVED);
	assert_int_equal(
	    bans_refuse(f->db, room.id, kim.user, &f->why), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_NOT_IN_ROOM);
	w.ms = fake_clock_wall + 1000;
	assert_int_equal(db_write(f->db, ban, &w), DB_OK);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_BANNED);
	assert_int_equal(
	    bans_refuse(f->db, room.id, kim.user, &f->why), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_BANNED);
	assert_int_equal(
	    seat_with_password(f, &other, kim.user, NULL, NULL), DB_OK);
	fake_clock_advance(1000);
	assert_int_equal(db_write(f->db, lift, &w), DB_NONE);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_OK);
	w.ms = 0;
	assert_int_equal(db_write(f->db, ban, &w), DB_OK);
	fake_clock_advance(INT64_C(1) << 40);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_CONFLICT);
	assert_int_equal(db_write(f->db, lift, &w), DB_OK);
	assert_int_equal(db_write(f->db, lift, &w), DB_NONE);
	assert_int_equal(
	    seat_with_password(f, &room, kim.user, NULL, NULL), DB_OK);
}

static void
the_list_of_bans_is_paged_and_holds_those_that_last(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter all[3];
	struct write_args w = { .fixture = f };
	struct buf b = BUF_INIT, want = BUF_INIT;
	int more;

	for (int i = 0; i < 3; i++) {
		all[i] = make_member(f, &room, (char[]){ (char)('a' + i), 0 });
		w.chatter = &all[i];
		w.ms = i == 1 ? fake_clock_wall + 1000 : 0;
		assert_int_equal(db_write(f->db, ban, &w), DB_OK);
	}
	assert_int_equal(bans_add_list(f->db, room.id, (struct chatter_id){ 0 },
			     1, &b, &more),
	    DB_OK);
	buf_addf(&want,
	    "{\"chatter\":{\"id\":\"%s\",\"nickname\":\"a\"},\"until\":null}",
	    all[0].name.s);
	assert_string_equal(buf_str(&b), buf_str(&want));
	assert_int_equal(more, 1);
	buf_clear(&b);
	assert_int_equal(
	    bans_add_list(f->db, room.id, all[0].id, 5, &b, &more), DB_OK);
	assert_int_equal(more, 0);
	assert_non_null(
	    strstr(buf_str(&b), "\"nickname\":\"b\"},\"until\":\"20"));
	assert_non_null(strstr(buf_str(&b), "\"nickname\":\"c\"}"));
	fake_clock_advance(1000);
	buf_clear(&b);
	assert_int_equal(
	    bans_add_list(f->db, room.id, all[0].id, 5, &b, &more), DB_OK);
	assert_null(strstr(buf_str(&b), "\"nickname\":\"b\""));
	buf_done(&b);
	buf_done(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(who_does_not_know_the_password_gets_no_seat),
		FIXTURE_TEST(who_is_banned_gets_no_seat_until_the_ban_is_over),
		FIXTURE_TEST(
		    the_list_of_bans_is_paged_and_holds_those_that_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
