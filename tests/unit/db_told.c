/* What a member's own queue is told of unread messages, and what stays in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/rows/listeners.h"
#include "tests/unit/place.h"

enum { LONG = 100000000 };

/* Kim is away from the room and listens; lee is in it. */
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

	return listeners_enter(db, l->user, &l->entry, &l->id);
}

static void
go_away(struct place *p)
{
	place_wait(PLACE_LEASE + 1);
	assert_int_equal(place_reap(p), DB_OK);
}

static void
say(struct place *p, const struct scene *s, const char *content)
{
	struct message_draft m = { .content = content };

	assert_int_equal(place_send(p, &s->room, s->lee.user, &m, NULL), DB_OK);
}

static struct scene
scene(struct place *p)
{
	struct node_id node = place_node(p, LONG);
	struct listening l = { .entry = {
				   TRANSPORT_STREAM, "tab", node, 0, 700 } };
	struct scene s = { .room = place_room(p, "lobby", place_user(p), 9) };

	s.lee = place_newcomer(p, &s.room, "lee");
	(void)place_stream(p, &s.room, &s.lee, node, "tab");
	s.kim = place_newcomer(p, &s.room, "kim");
	l.user = s.kim.user;
	assert_int_equal(db_write(p->db, listen, &l), DB_OK);
	go_away(p);
	say(p, &s, "secret words");
	assert_int_equal(place_told(p, 0, "\"unread\":1,\"message\":{"), 1);
	return s;
}

static void
a_count_that_is_as_it_was_is_not_told_again(void **state)
{
	struct place *p = *state;
	struct scene s = scene(p);
	int64_t head = place_head(p);

	assert_int_equal(
	    place_join(p, &s.room, s.kim.user, NULL, &s.kim), DB_OK);
	go_away(p);
	assert_int_equal(place_told(p, head, "\"unread\":"), 0);
	say(p, &s, "more");
	assert_int_equal(place_told(p, head, "\"unread\":2,\"message\":{"), 1);
}

static enum db_rc
drop(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_delete(db, d->room);
}

static void
queues_keep_no_word_of_a_deleted_room(void **state)
{
	struct place *p = *state;
	struct scene s = scene(p);
	struct deed d = { .place = p, .room = &s.room };
	int64_t head = place_head(p);

	assert_int_equal(db_write(p->db, drop, &d), DB_OK);
	assert_int_equal(place_told(p, head - 1, "secret words"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_count_that_is_as_it_was_is_not_told_again, place_setup,
		    place_teardown),
		cmocka_unit_test_setup_teardown(
		    queues_keep_no_word_of_a_deleted_room, place_setup,
		    place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
