/* Seats in rooms, and the nicknames there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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

	d.draft.capacity = d.draft.grace = -1;
	d.draft.listed = -1;
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
