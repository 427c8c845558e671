/* Seats in rooms, and the nicknames there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/rows/bans.h"
#include "tests/unit/place.h"

static enum db_rc
change(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_change(db, d->room, &d->draft);
}

static void
expire(struct place *p, struct room *room)
{
	struct deed d = { .place = p, .room = room };

	d.draft = room_as_it_is;
	d.draft.expires = place_wall;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room->id, room), DB_OK);
}

static void
json_is(struct place *p, const struct chatter *c, const char *nickname,
    const char *role)
{
	struct buf want = BUF_INIT, got = BUF_INIT;

	buf_addf(&want, "{\"id\":\"%s\",\"nickname\":\"%s\",\"role\":\"%s\"}",
	    c->name.s, nickname, role);
	assert_int_equal(chatters_add_json(p->db, c->id, &got), DB_OK);
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_done(&want);
	buf_done(&got);
}

static void
s2_1_who_gives_no_nickname_gets_one(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter c = { 0 }, found = { 0 };
	struct buf json = BUF_INIT;

	assert_int_equal(place_join(p, &room, place_user(p), NULL, &c), DB_OK);
	assert_int_equal(p->made, 1);
	assert_int_equal(c.role, ROLE_MEMBER);
	assert_int_equal(c.left, 0);
	assert_int_equal(strlen(c.name.s), CHATTER_NAME_LEN);
	assert_int_equal(
	    chatters_by_name(p->db, room.id, c.name.s, &found), DB_OK);
	assert_true(found.id.n == c.id.n && found.user.n == c.user.n);
	assert_int_equal(chatters_add_json(p->db, c.id, &json), DB_OK);
	assert_null(strstr(buf_str(&json), "\"nickname\":\"\""));
	buf_done(&json);
}

static void
s2_2_the_same_person_comes_back_as_the_same_chatter(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim"), again = { 0 };
	int64_t head = place_head(p);

	assert_int_equal(place_join(p, &room, kim.user, NULL, &again), DB_OK);
	assert_int_equal(p->made, 0);
	assert_true(again.id.n == kim.id.n);
	json_is(p, &again, "kim", "member");
	assert_true(place_head(p) == head);
}

static void
a_person_is_another_chatter_in_another_room(void **state)
{
	struct place *p = *state;
	struct room a = place_room(p, "room-a", place_user(p), 7);
	struct room b = place_room(p, "room-b", a.owner, 7);
	struct chatter kim = place_newcomer(p, &a, "kim"), there;

	assert_int_equal(
	    chatters_of_user(p->db, b.id, kim.user, &there), DB_NONE);
	assert_int_equal(
	    chatters_by_name(p->db, b.id, kim.name.s, &there), DB_NONE);
	assert_int_equal(place_join(p, &b, kim.user, "kim", &there), DB_OK);
	assert_string_not_equal(there.name.s, kim.name.s);
}

static void
the_owner_of_the_room_is_owner_in_it(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter boss;

	assert_int_equal(
	    place_join(p, &room, room.owner, "boss", &boss), DB_OK);
	json_is(p, &boss, "boss", "owner");
}

static void
s4_7_a_nickname_is_refused_while_somebody_present_looks_the_same(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct room other = place_room(p, "other", room.owner, 7);
	struct chatter kim = place_newcomer(p, &room, "kim"), c;
	int64_t head = place_head(p);

	assert_int_equal(
	    place_join(p, &room, place_user(p), "KIM", &c), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NICKNAME_TAKEN);
	assert_true(place_head(p) == head);
	assert_int_equal(
	    place_join(p, &other, place_user(p), "KIM", &c), DB_OK);
	place_leave(p, &room, &kim, LEAVE_LEFT);
	assert_int_equal(place_join(p, &room, place_user(p), "KIM", &c), DB_OK);
	/* Now the first is the one who has to choose another. */
	assert_int_equal(
	    place_join(p, &room, kim.user, "kim", &kim), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NICKNAME_TAKEN);
}

static void
s4_7_who_comes_back_to_a_taken_nickname_gets_a_number(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 50);
	struct chatter kim = place_newcomer(p, &room, "kim"), c;
	int64_t head;

	place_leave(p, &room, &kim, LEAVE_LEFT);
	(void)place_newcomer(p, &room, "Kim");
	(void)place_newcomer(p, &room, "KIM 2");
	head = place_head(p);
	assert_int_equal(place_join(p, &room, kim.user, NULL, &c), DB_OK);
	json_is(p, &c, "kim 3", "member");
	assert_int_equal(place_told(p, head, "\"nickname\":\"kim 3\""), 2);
	assert_int_equal(place_told(p, head, "renamed"), 0);

	/* The number does not grow a number. */
	place_leave(p, &room, &c, LEAVE_LEFT);
	(void)place_newcomer(p, &room, "kim 3");
	assert_int_equal(place_join(p, &room, kim.user, NULL, &c), DB_OK);
	json_is(p, &c, "kim 4", "member");
}

static void
many_of_the_same_nickname_are_told_apart(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 50);
	struct chatter all[40];

	for (int i = 0; i < 40; i++) {
		all[i] = place_newcomer(p, &room, "kim");
		place_leave(p, &room, &all[i], LEAVE_LEFT);
	}
	for (int i = 0; i < 40; i++)
		assert_int_equal(
		    place_join(p, &room, all[i].user, NULL, &all[i]), DB_OK);
	assert_true(place_online(p, &room) == 40);
}

static void
s4_6_a_rename_is_told_to_the_room(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = place_head(p);

	assert_int_equal(place_rename(p, &room, &kim, "lee"), DB_OK);
	buf_addf(&want,
	    "presence 0 {\"room\":\"lobby\",\"renamed\":[{\"id\":\"%s\","
	    "\"nickname\":\"lee\",\"role\":\"member\",\"was\":\"kim\"}],"
	    "\"count\":1}\n",
	    kim.name.s);
	place_events(p, head, &got);
	assert_string_equal(buf_str(&got), buf_str(&want));
	/* The same again is no change. */
	assert_int_equal(place_rename(p, &room, &kim, "lee"), DB_OK);
	assert_true(place_head(p) == head + 1);
	/* One's own in other letters is free to take. */
	assert_int_equal(place_rename(p, &room, &kim, "LEE"), DB_OK);
	buf_done(&want);
	buf_done(&got);
}

static void
s4_6_a_rename_that_fails_tells_nothing(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head;

	(void)place_newcomer(p, &room, "lee");
	head = place_head(p);
	assert_int_equal(place_rename(p, &room, &kim,
			     "L\xc3\xa9"
			     "e"),
	    DB_OK);
	assert_int_equal(place_rename(p, &room, &kim, "LEE"), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NICKNAME_TAKEN);
	assert_true(place_head(p) == head + 1);
}

static void
who_is_offline_is_renamed_in_silence(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head;

	place_leave(p, &room, &kim, LEAVE_LEFT);
	head = place_head(p);
	assert_int_equal(place_rename(p, &room, &kim, "lee"), DB_OK);
	json_is(p, &kim, "lee", "member");
	assert_true(place_head(p) == head);
}

static void
who_joins_again_with_another_nickname_is_renamed(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head = place_head(p);

	assert_int_equal(place_join(p, &room, kim.user, "lee", &kim), DB_OK);
	json_is(p, &kim, "lee", "member");
	assert_int_equal(place_told(p, head, "\"was\":\"kim\""), 1);
	assert_true(place_head(p) == head + 1);
}

static void
who_left_is_a_member_again_after_a_join(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");

	place_leave(p, &room, &kim, LEAVE_LEFT);
	assert_int_equal(chatters_get(p->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 1);
	assert_int_equal(place_join(p, &room, kim.user, NULL, &kim), DB_OK);
	assert_int_equal(p->made, 0);
	assert_int_equal(kim.left, 0);
	assert_int_equal(chatters_get(p->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 0);
}

static void
s3_3_an_expired_room_takes_no_join_and_no_rename(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim"), c;
	int64_t head;

	expire(p, &room);
	head = place_head(p);
	assert_int_equal(
	    place_join(p, &room, place_user(p), "lee", &c), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_ROOM_EXPIRED);
	assert_int_equal(place_join(p, &room, kim.user, NULL, &c), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_ROOM_EXPIRED);
	assert_int_equal(place_rename(p, &room, &kim, "lee"), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_ROOM_EXPIRED);
	assert_true(place_head(p) == head);
}

static void
s4_5_the_list_is_of_who_is_online_in_the_order_of_joining(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter a = place_newcomer(p, &room, "aa");
	struct chatter b = place_newcomer(p, &room, "bb");
	struct chatter c = place_newcomer(p, &room, "cc");
	struct node_id node = place_node(p, 10000);
	struct buf list = BUF_INIT;
	int more;

	/* Two connections are one chatter. */
	(void)place_stream(p, &room, &a, node, "one");
	(void)place_stream(p, &room, &a, node, "two");
	place_leave(p, &room, &b, LEAVE_LEFT);
	assert_int_equal(chatters_add_online(p->db, room.id,
			     (struct chatter_id){ 0 }, 1, &list, &more),
	    DB_OK);
	assert_int_equal(more, 1);
	assert_non_null(strstr(buf_str(&list), "\"aa\""));
	assert_null(strstr(buf_str(&list), "\"cc\""));
	buf_clear(&list);
	assert_int_equal(
	    chatters_add_online(p->db, room.id, a.id, 5, &list, &more), DB_OK);
	assert_int_equal(more, 0);
	assert_non_null(strstr(buf_str(&list), c.name.s));
	assert_null(strstr(buf_str(&list), "},{"));
	buf_clear(&list);
	room = place_room(p, "empty", room.owner, 7);
	assert_int_equal(chatters_add_online(p->db, room.id,
			     (struct chatter_id){ 0 }, 5, &list, &more),
	    DB_OK);
	assert_int_equal(list.len, 0);
	buf_done(&list);
}

static enum db_rc
announce(struct db *db, void *arg)
{
	struct deed *d = arg;

	return chatters_announce(db, d->room);
}

static void
s4_8_the_list_is_sent_again_when_asked_for(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter a = place_newcomer(p, &room, "aa");
	struct chatter b = place_newcomer(p, &room, "bb");
	struct deed d = { .place = p, .room = &room };
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = place_head(p);

	assert_int_equal(db_write(p->db, announce, &d), DB_OK);
	buf_addf(&want,
	    "chatters 0 {\"room\":\"lobby\",\"chatters\":["
	    "{\"id\":\"%s\",\"nickname\":\"aa\",\"role\":\"member\"},"
	    "{\"id\":\"%s\",\"nickname\":\"bb\",\"role\":\"member\"}],"
	    "\"count\":2}\n",
	    a.name.s, b.name.s);
	place_events(p, head, &got);
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_done(&want);
	buf_done(&got);
}

/* As place_join, by one who sends PASSWORD and proved it by PROVED. */
static enum db_rc
knock(struct place *p, const struct room *room, struct user_id user,
    const char *password, const char *proved)
{
	struct deed d = { .place = p, .room = room };
	struct newcomer who = {
		.user = user, .password = password, .proved = proved
	};

	d.newcomer = &who;
	return db_write(p->db, deed_knock, &d);
}

static enum db_rc
set_role(struct db *db, void *arg)
{
	struct deed *d = arg;

	return chatters_set_role(db, d->room, d->chatter, d->role);
}

static void
give_role(
    struct place *p, const struct room *room, struct chatter *c, enum role role)
{
	struct deed d = {
		.place = p, .room = room, .chatter = c, .role = role
	};

	assert_int_equal(db_write(p->db, set_role, &d), DB_OK);
	assert_int_equal(chatters_get(p->db, c->id, c), DB_OK);
}

static void
who_does_not_know_the_password_gets_no_seat(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct user_id lee = place_user(p);
	struct deed d = { .place = p, .room = &room };

	d.draft = room_as_it_is;
	d.draft.password = "hash";
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room.id, &room), DB_OK);
	assert_int_equal(knock(p, &room, lee, NULL, NULL), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_PASSWORD_REQUIRED);
	assert_int_equal(knock(p, &room, lee, "x", NULL), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_PASSWORD_WRONG);
	/* Proved by a hash that is the room's no more. */
	assert_int_equal(knock(p, &room, lee, "x", "before"), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_PASSWORD_WRONG);
	assert_int_equal(knock(p, &room, lee, "x", "hash"), DB_OK);
	assert_int_equal(knock(p, &room, lee, NULL, NULL), DB_OK);
	assert_int_equal(knock(p, &room, room.owner, NULL, NULL), DB_OK);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_OK);
	place_leave(p, &room, &kim, LEAVE_LEFT);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_PASSWORD_REQUIRED);
	give_role(p, &room, &kim, ROLE_MODERATOR);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_OK);
}

static void
another_role_is_told_while_the_chatter_is_here(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head = place_head(p);
	enum role role;

	give_role(p, &room, &kim, ROLE_MODERATOR);
	json_is(p, &kim, "kim", "moderator");
	assert_int_equal(place_told(p, head, "\"changed\":[{\"id\":"), 1);
	give_role(p, &room, &kim, ROLE_MODERATOR);
	assert_true(place_head(p) == head + 1);
	place_leave(p, &room, &kim, LEAVE_LEFT);
	head = place_head(p);
	give_role(p, &room, &kim, ROLE_MEMBER);
	assert_true(place_head(p) == head);
	assert_int_equal(chatters_read_role("moderator", &role), 0);
	assert_int_equal(role, ROLE_MODERATOR);
	assert_int_equal(chatters_read_role("admin", &role), -1);
	assert_int_equal(chatters_read_role("", &role), -1);
}

static enum db_rc
ban(struct db *db, void *arg)
{
	struct deed *d = arg;

	return bans_make(db, d->chatter, d->ms);
}

static enum db_rc
lift(struct db *db, void *arg)
{
	struct deed *d = arg;

	return bans_lift(db, d->chatter);
}

static void
who_is_banned_gets_no_seat_until_the_ban_is_over(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct room other = place_room(p, "other", room.owner, 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct deed d = { .place = p, .chatter = &kim };

	place_leave(p, &room, &kim, LEAVE_REMOVED);
	assert_int_equal(
	    bans_refuse(p->db, room.id, kim.user, &p->why), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NOT_IN_ROOM);
	d.ms = place_wall + 1000;
	assert_int_equal(db_write(p->db, ban, &d), DB_OK);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_BANNED);
	assert_int_equal(
	    bans_refuse(p->db, room.id, kim.user, &p->why), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_BANNED);
	assert_int_equal(knock(p, &other, kim.user, NULL, NULL), DB_OK);
	place_wait(1000);
	assert_int_equal(db_write(p->db, lift, &d), DB_NONE);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_OK);
	d.ms = 0;
	assert_int_equal(db_write(p->db, ban, &d), DB_OK);
	place_wait(INT64_C(1) << 40);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_CONFLICT);
	assert_int_equal(db_write(p->db, lift, &d), DB_OK);
	assert_int_equal(db_write(p->db, lift, &d), DB_NONE);
	assert_int_equal(knock(p, &room, kim.user, NULL, NULL), DB_OK);
}

static void
the_list_of_bans_is_paged_and_holds_those_that_last(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter all[3];
	struct deed d = { .place = p };
	struct buf b = BUF_INIT, want = BUF_INIT;
	int more;

	for (int i = 0; i < 3; i++) {
		all[i] =
		    place_newcomer(p, &room, (char[]){ (char)('a' + i), 0 });
		d.chatter = &all[i];
		d.ms = i == 1 ? place_wall + 1000 : 0;
		assert_int_equal(db_write(p->db, ban, &d), DB_OK);
	}
	assert_int_equal(bans_add_list(p->db, room.id, (struct chatter_id){ 0 },
			     1, &b, &more),
	    DB_OK);
	buf_addf(&want,
	    "{\"chatter\":{\"id\":\"%s\",\"nickname\":\"a\"},\"until\":null}",
	    all[0].name.s);
	assert_string_equal(buf_str(&b), buf_str(&want));
	assert_int_equal(more, 1);
	buf_clear(&b);
	assert_int_equal(
	    bans_add_list(p->db, room.id, all[0].id, 5, &b, &more), DB_OK);
	assert_int_equal(more, 0);
	assert_non_null(
	    strstr(buf_str(&b), "\"nickname\":\"b\"},\"until\":\"20"));
	assert_non_null(strstr(buf_str(&b), "\"nickname\":\"c\"}"));
	place_wait(1000);
	buf_clear(&b);
	assert_int_equal(
	    bans_add_list(p->db, room.id, all[0].id, 5, &b, &more), DB_OK);
	assert_null(strstr(buf_str(&b), "\"nickname\":\"b\""));
	buf_done(&b);
	buf_done(&want);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(s2_1_who_gives_no_nickname_gets_one),
		WITH_STORE(s2_2_the_same_person_comes_back_as_the_same_chatter),
		WITH_STORE(a_person_is_another_chatter_in_another_room),
		WITH_STORE(the_owner_of_the_room_is_owner_in_it),
		WITH_STORE(
		    s4_7_a_nickname_is_refused_while_somebody_present_looks_the_same),
		WITH_STORE(
		    s4_7_who_comes_back_to_a_taken_nickname_gets_a_number),
		WITH_STORE(many_of_the_same_nickname_are_told_apart),
		WITH_STORE(s4_6_a_rename_is_told_to_the_room),
		WITH_STORE(s4_6_a_rename_that_fails_tells_nothing),
		WITH_STORE(who_is_offline_is_renamed_in_silence),
		WITH_STORE(who_joins_again_with_another_nickname_is_renamed),
		WITH_STORE(who_left_is_a_member_again_after_a_join),
		WITH_STORE(s3_3_an_expired_room_takes_no_join_and_no_rename),
		WITH_STORE(
		    s4_5_the_list_is_of_who_is_online_in_the_order_of_joining),
		WITH_STORE(s4_8_the_list_is_sent_again_when_asked_for),
		WITH_STORE(who_does_not_know_the_password_gets_no_seat),
		WITH_STORE(another_role_is_told_while_the_chatter_is_here),
		WITH_STORE(who_is_banned_gets_no_seat_until_the_ban_is_over),
		WITH_STORE(the_list_of_bans_is_paged_and_holds_those_that_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
