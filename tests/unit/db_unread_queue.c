/*
 * Events about unread messages in a member's own queue, and how long they stay
 * there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/room_end.h"
#include "db/rows/listeners.h"
#include "db/chat/say.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

enum { LONG = 100000000 };

/*
 * Kim is away from the room and listens to the own queue; lee is in the room.
 */
struct scene {
	struct room room;
	struct chatter kim, lee;
};

struct listening {
	struct user_id user;
	struct entry entry;
	struct listener_id id;
};

static enum db_rc
listen(struct db *db, void *arg)
{
	struct listening *l = arg;

	return arrivals_listen(db, l->user, &l->entry, &l->id);
}

static void
go_away(struct fixture *f)
{
	fake_clock_advance(FIXTURE_LEASE + 1);
	assert_int_equal(act_reap(f), DB_OK);
}

static void
say(struct fixture *f, const struct scene *s, const char *content)
{
	struct message_draft m = { .content = content };

	assert_int_equal(act_send(f, &s->room, s->lee.user, &m, NULL), DB_OK);
}

static struct scene
scene(struct fixture *f)
{
	struct node_id node = make_node(f, LONG);
	struct listening l = { .entry = {
				   TRANSPORT_STREAM, "tab", node, 0, 700 } };
	struct scene s = { .room = make_room(f, "lobby", make_user(f), 9) };

	s.lee = make_member(f, &s.room, "lee");
	(void)act_open_stream(f, &s.room, &s.lee, node, "tab");
	s.kim = make_member(f, &s.room, "kim");
	l.user = s.kim.user;
	assert_int_equal(db_write(f->db, listen, &l), DB_OK);
	go_away(f);
	say(f, &s, "secret words");
	assert_int_equal(eventlog_count(f, 0, "\"unread\":1,\"message\":{"), 1);
	return s;
}

static void
a_count_that_is_as_it_was_is_not_told_again(void **state)
{
	struct fixture *f = *state;
	struct scene s = scene(f);
	int64_t head = eventlog_head(f);

	assert_int_equal(act_join(f, &s.room, s.kim.user, NULL, &s.kim), DB_OK);
	go_away(f);
	assert_int_equal(eventlog_count(f, head, "\"unread\":"), 0);
	say(f, &s, "more");
	assert_int_equal(
	    eventlog_count(f, head, "\"unread\":2,\"message\":{"), 1);
}

static enum db_rc
drop(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_end_delete(db, w->room);
}

static void
queues_keep_no_word_of_a_deleted_room(void **state)
{
	struct fixture *f = *state;
	struct scene s = scene(f);
	struct write_args w = { .fixture = f, .room = &s.room };
	int64_t head = eventlog_head(f);

	assert_int_equal(db_write(f->db, drop, &w), DB_OK);
	assert_int_equal(eventlog_count(f, head - 1, "secret words"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_count_that_is_as_it_was_is_not_told_again, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    queues_keep_no_word_of_a_deleted_room, fixture_setup,
		    fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
