/*
 * A message counts as sent before if the same sender used the same client_id
 * in the same room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/chat/say.h"
#include "tests/lib/act.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

struct step {
	const struct room *room;
	int64_t key; /* 0: the person sends */
	const char *client_id;
	enum sent sent;
};

static void
send_all(
    struct fixture *f, struct user_id user, const struct step *steps, size_t n)
{
	struct message_draft m = { .content = "closing" };
	struct buf json = BUF_INIT, room = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const struct step *step = &steps[i];

		m.key.n = step->key;
		m.type = step->key != 0 ? MESSAGE_ALERT : MESSAGE_PLAIN;
		m.client_id = step->client_id;
		buf_clear(&json);
		buf_clear(&room);
		buf_addf(&room, "\"room\":\"%s\"", step->room->name.s);
		assert_int_equal(
		    act_send(f, step->room, user, &m, &json), DB_OK);
		if (f->sent.sent != step->sent)
			fail_msg("step %zu: %d", i, (int)f->sent.sent);
		assert_non_null(strstr(buf_str(&json), buf_str(&room)));
	}
	buf_done(&json);
	buf_done(&room);
}

static void
E5_a_client_id_of_a_key_is_of_one_room(void **state)
{
	struct fixture *f = *state;
	struct room one = make_room(f, "one", make_user(f), 7);
	struct room two = make_room(f, "two", one.owner, 7);
	const struct step steps[] = {
		{ &one, 3, "1", SENT_NEW },
		{ &two, 3, "1", SENT_NEW },
		{ &one, 4, "1", SENT_NEW },
		{ &two, 4, "1", SENT_NEW },
		{ &one, 3, "1", SENT_BEFORE },
		{ &two, 3, "1", SENT_BEFORE },
		{ &two, 4, "1", SENT_BEFORE },
		{ &two, 4, "2", SENT_NEW },
		{ &one, 4, "2", SENT_NEW },
		{ &one, 4, NULL, SENT_NEW },
		{ &one, 4, NULL, SENT_NEW },
	};

	send_all(
	    f, (struct user_id){ 0 }, steps, sizeof(steps) / sizeof(steps[0]));
}

static void
E5_a_client_id_of_a_person_is_of_one_room(void **state)
{
	struct fixture *f = *state;
	struct room one = make_room(f, "one", make_user(f), 7);
	struct room two = make_room(f, "two", one.owner, 7);
	struct chatter kim = make_member(f, &one, "kim"), again, lee;
	const struct step steps[] = {
		{ &one, 0, "1", SENT_NEW },
		{ &two, 0, "1", SENT_NEW },
		{ &one, 0, "1", SENT_BEFORE },
		{ &two, 0, "1", SENT_BEFORE },
		{ &one, 3, "1", SENT_NEW },
	};
	const struct step other[] = { { &one, 0, "1", SENT_NEW } };

	assert_int_equal(act_join(f, &two, kim.user, "kim", &again), DB_OK);
	lee = make_member(f, &one, "lee");
	send_all(f, kim.user, steps, sizeof(steps) / sizeof(steps[0]));
	send_all(f, lee.user, other, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(E5_a_client_id_of_a_key_is_of_one_room),
		FIXTURE_TEST(E5_a_client_id_of_a_person_is_of_one_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
