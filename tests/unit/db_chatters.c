/* Members of rooms: their seats, nicknames and roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/base/buf.h"
#include "db/chat/presence_events.h"
#include "db/rows/chatters.h"
#include "db/rows/nodes.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

static void
json_is(struct fixture *f, const struct chatter *c, const char *nickname,
    const char *role)
{
	struct buf want = BUF_INIT, got = BUF_INIT;

	buf_addf(&want, "{\"id\":\"%s\",\"nickname\":\"%s\",\"role\":\"%s\"}",
	    c->name.s, nickname, role);
	assert_int_equal(chatters_add_json(f->db, c->id, &got), DB_OK);
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_done(&want);
	buf_done(&got);
}

static void
s2_1_who_gives_no_nickname_gets_one(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter c = { 0 }, found = { 0 };
	struct buf json = BUF_INIT;

	assert_int_equal(act_join(f, &room, make_user(f), NULL, &c), DB_OK);
	assert_int_equal(f->made, 1);
	assert_int_equal(c.role, ROLE_MEMBER);
	assert_int_equal(c.left, 0);
	assert_int_equal(strlen(c.name.s), CHATTER_NAME_LEN);
	assert_int_equal(
	    chatters_by_name(f->db, room.id, c.name.s, &found), DB_OK);
	assert_true(found.id.n == c.id.n && found.user.n == c.user.n);
	assert_int_equal(chatters_add_json(f->db, c.id, &json), DB_OK);
	assert_null(strstr(buf_str(&json), "\"nickname\":\"\""));
	buf_done(&json);
}

static void
s2_2_the_same_person_comes_back_as_the_same_chatter(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim"), again = { 0 };
	int64_t head = eventlog_head(f);

	assert_int_equal(act_join(f, &room, kim.user, NULL, &again), DB_OK);
	assert_int_equal(f->made, 0);
	assert_true(again.id.n == kim.id.n);
	json_is(f, &again, "kim", "member");
	assert_true(eventlog_head(f) == head);
}

static void
a_person_is_another_chatter_in_another_room(void **state)
{
	struct fixture *f = *state;
	struct room a = make_room(f, "room-a", make_user(f), 7);
	struct room b = make_room(f, "room-b", a.owner, 7);
	struct chatter kim = make_member(f, &a, "kim"), there;

	assert_int_equal(
	    chatters_of_user(f->db, b.id, kim.user, &there), DB_NONE);
	assert_int_equal(
	    chatters_by_name(f->db, b.id, kim.name.s, &there), DB_NONE);
	assert_int_equal(act_join(f, &b, kim.user, "kim", &there), DB_OK);
	assert_string_not_equal(there.name.s, kim.name.s);
}

static void
the_owner_of_the_room_is_owner_in_it(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter boss;

	assert_int_equal(act_join(f, &room, room.owner, "boss", &boss), DB_OK);
	json_is(f, &boss, "boss", "owner");
}

static void
s4_7_a_nickname_is_refused_while_somebody_present_looks_the_same(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct room other = make_room(f, "other", room.owner, 7);
	struct chatter kim = make_member(f, &room, "kim"), c;
	int64_t head = eventlog_head(f);

	assert_int_equal(
	    act_join(f, &room, make_user(f), "KIM", &c), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_NICKNAME_TAKEN);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(act_join(f, &other, make_user(f), "KIM", &c), DB_OK);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	assert_int_equal(act_join(f, &room, make_user(f), "KIM", &c), DB_OK);
	/* Now the first one has to choose another nickname. */
	assert_int_equal(
	    act_join(f, &room, kim.user, "kim", &kim), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_NICKNAME_TAKEN);
}

static void
s4_7_who_comes_back_to_a_taken_nickname_gets_a_number(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 50);
	struct chatter kim = make_member(f, &room, "kim"), c;
	int64_t head;

	act_leave(f, &room, &kim, LEAVE_LEFT);
	(void)make_member(f, &room, "Kim");
	(void)make_member(f, &room, "KIM 2");
	head = eventlog_head(f);
	assert_int_equal(act_join(f, &room, kim.user, NULL, &c), DB_OK);
	json_is(f, &c, "kim 3", "member");
	assert_int_equal(eventlog_count(f, head, "\"nickname\":\"kim 3\""), 2);
	assert_int_equal(eventlog_count(f, head, "renamed"), 0);

	/* A number is replaced, not followed by another. */
	act_leave(f, &room, &c, LEAVE_LEFT);
	(void)make_member(f, &room, "kim 3");
	assert_int_equal(act_join(f, &room, kim.user, NULL, &c), DB_OK);
	json_is(f, &c, "kim 4", "member");
}

static void
many_of_the_same_nickname_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 50);
	struct chatter all[40];

	for (int i = 0; i < 40; i++) {
		all[i] = make_member(f, &room, "kim");
		act_leave(f, &room, &all[i], LEAVE_LEFT);
	}
	for (int i = 0; i < 40; i++)
		assert_int_equal(
		    act_join(f, &room, all[i].user, NULL, &all[i]), DB_OK);
	assert_true(fixture_online(f, &room) == 40);
}

static void
s4_6_a_rename_is_told_to_the_room(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = eventlog_head(f);

	assert_int_equal(act_rename(f, &room, &kim, "lee"), DB_OK);
	buf_addf(&want,
	    "presence 0 {\"room\":\"lobby\",\"renamed\":[{\"id\":\"%s\","
	    "\"nickname\":\"lee\",\"role\":\"member\",\"was\":\"kim\"}],"
	    "\"count\":1}\n",
	    kim.name.s);
	eventlog_lines(f, head, &got);
	assert_string_equal(buf_str(&got), buf_str(&want));
	/* The same nickname again is no change. */
	assert_int_equal(act_rename(f, &room, &kim, "lee"), DB_OK);
	assert_true(eventlog_head(f) == head + 1);
	/* One's own nickname in other letters is not taken. */
	assert_int_equal(act_rename(f, &room, &kim, "LEE"), DB_OK);
	buf_done(&want);
	buf_done(&got);
}

static void
s4_6_a_rename_that_fails_tells_nothing(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head;

	(void)make_member(f, &room, "lee");
	head = eventlog_head(f);
	assert_int_equal(act_rename(f, &room, &kim,
			     "L\xc3\xa9"
			     "e"),
	    DB_OK);
	assert_int_equal(act_rename(f, &room, &kim, "LEE"), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_NICKNAME_TAKEN);
	assert_true(eventlog_head(f) == head + 1);
}

static void
who_is_offline_is_renamed_in_silence(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head;

	act_leave(f, &room, &kim, LEAVE_LEFT);
	head = eventlog_head(f);
	assert_int_equal(act_rename(f, &room, &kim, "lee"), DB_OK);
	json_is(f, &kim, "lee", "member");
	assert_true(eventlog_head(f) == head);
}

static void
who_joins_again_with_another_nickname_is_renamed(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head = eventlog_head(f);

	assert_int_equal(act_join(f, &room, kim.user, "lee", &kim), DB_OK);
	json_is(f, &kim, "lee", "member");
	assert_int_equal(eventlog_count(f, head, "\"was\":\"kim\""), 1);
	assert_true(eventlog_head(f) == head + 1);
}

static void
who_left_is_a_member_again_after_a_join(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");

	act_leave(f, &room, &kim, LEAVE_LEFT);
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 1);
	assert_int_equal(act_join(f, &room, kim.user, NULL, &kim), DB_OK);
	assert_int_equal(f->made, 0);
	assert_int_equal(kim.left, 0);
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 0);
}

static void
s3_3_an_expired_room_takes_no_join_and_no_rename(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim"), c;
	int64_t head;

	act_expire(f, &room, fake_clock_wall);
	head = eventlog_head(f);
	assert_int_equal(
	    act_join(f, &room, make_user(f), "lee", &c), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ROOM_EXPIRED);
	assert_int_equal(act_join(f, &room, kim.user, NULL, &c), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ROOM_EXPIRED);
	assert_int_equal(act_rename(f, &room, &kim, "lee"), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ROOM_EXPIRED);
	assert_true(eventlog_head(f) == head);
}

static void
s4_5_the_list_is_of_who_is_online_in_the_order_of_joining(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter a = make_member(f, &room, "aa");
	struct chatter b = make_member(f, &room, "bb");
	struct chatter c = make_member(f, &room, "cc");
	struct node_id node = make_node(f, 10000);
	struct buf list = BUF_INIT;
	int more;

	/* Two connections are one chatter. */
	(void)act_open_stream(f, &room, &a, node, "one");
	(void)act_open_stream(f, &room, &a, node, "two");
	act_leave(f, &room, &b, LEAVE_LEFT);
	assert_int_equal(chatters_add_online(f->db, room.id,
			     (struct chatter_id){ 0 }, 1, &list, &more),
	    DB_OK);
	assert_int_equal(more, 1);
	assert_non_null(strstr(buf_str(&list), "\"aa\""));
	assert_null(strstr(buf_str(&list), "\"cc\""));
	buf_clear(&list);
	assert_int_equal(
	    chatters_add_online(f->db, room.id, a.id, 5, &list, &more), DB_OK);
	assert_int_equal(more, 0);
	assert_non_null(strstr(buf_str(&list), c.name.s));
	assert_null(strstr(buf_str(&list), "},{"));
	buf_clear(&list);
	room = make_room(f, "empty", room.owner, 7);
	assert_int_equal(chatters_add_online(f->db, room.id,
			     (struct chatter_id){ 0 }, 5, &list, &more),
	    DB_OK);
	assert_int_equal(list.len, 0);
	buf_done(&list);
}

static enum db_rc
announce(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return presence_events_announce(db, w->room);
}

static void
s4_8_the_list_is_sent_again_when_asked_for(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter a = make_member(f, &room, "aa");
	struct chatter b = make_member(f, &room, "bb");
	struct write_args w = { .fixture = f, .room = &room };
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = eventlog_head(f);

	assert_int_equal(db_write(f->db, announce, &w), DB_OK);
	buf_addf(&want,
	    "chatters 0 {\"room\":\"lobby\",\"chatters\":["
	    "{\"id\":\"%s\",\"nickname\":\"aa\",\"role\":\"member\"},"
	    "{\"id\":\"%s\",\"nickname\":\"bb\",\"role\":\"member\"}],"
	    "\"count\":2}\n",
	    a.name.s, b.name.s);
	eventlog_lines(f, head, &got);
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_done(&want);
	buf_done(&got);
}

static void
another_role_is_told_while_the_chatter_is_here(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head = eventlog_head(f);
	enum role role;

	act_set_role(f, &room, &kim, ROLE_MODERATOR);
	json_is(f, &kim, "kim", "moderator");
	assert_int_equal(eventlog_count(f, head, "\"changed\":[{\"id\":"), 1);
	act_set_role(f, &room, &kim, ROLE_MODERATOR);
	assert_true(eventlog_head(f) == head + 1);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	head = eventlog_head(f);
	act_set_role(f, &room, &kim, ROLE_MEMBER);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(chatters_read_role("moderator", &role), 0);
	assert_int_equal(role, ROLE_MODERATOR);
	assert_int_equal(chatters_read_role("admin", &role), -1);
	assert_int_equal(chatters_read_role("", &role), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(s2_1_who_gives_no_nickname_gets_one),
		FIXTURE_TEST(
		    s2_2_the_same_person_comes_back_as_the_same_chatter),
		FIXTURE_TEST(a_person_is_another_chatter_in_another_room),
		FIXTURE_TEST(the_owner_of_the_room_is_owner_in_it),
		FIXTURE_TEST(
		    s4_7_a_nickname_is_refused_while_somebody_present_looks_the_same),
		FIXTURE_TEST(
		    s4_7_who_comes_back_to_a_taken_nickname_gets_a_number),
		FIXTURE_TEST(many_of_the_same_nickname_are_told_apart),
		FIXTURE_TEST(s4_6_a_rename_is_told_to_the_room),
		FIXTURE_TEST(s4_6_a_rename_that_fails_tells_nothing),
		FIXTURE_TEST(who_is_offline_is_renamed_in_silence),
		FIXTURE_TEST(who_joins_again_with_another_nickname_is_renamed),
		FIXTURE_TEST(who_left_is_a_member_again_after_a_join),
		FIXTURE_TEST(s3_3_an_expired_room_takes_no_join_and_no_rename),
		FIXTURE_TEST(
		    s4_5_the_list_is_of_who_is_online_in_the_order_of_joining),
		FIXTURE_TEST(s4_8_the_list_is_sent_again_when_asked_for),
		FIXTURE_TEST(another_role_is_told_while_the_chatter_is_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
