#include "tests/lib/absentee.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/chat/arrivals.h"
#include "db/chat/schema.h"
#include "db/base/buf.h"
#include "db/engine/sqlite/check.h"
#include "db/chat/my_rooms.h"
#include "db/chat/unread.h"
#include "tests/lib/act.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/make.h"

/* A node that outlives every test. */
#define FOREVER (INT64_C(1) << 40)

static void
no_finding(const char *finding, void *arg)
{
	(void)arg;
	fail_msg("%s", finding);
}

void
absentee_check(const struct absentee *a)
{
	assert_int_equal(
	    check_run(a->fixture->dir, &schema_chat, no_finding, NULL), 0);
}

struct absentee
absentee_make(void **state)
{
	struct absentee a = { .fixture = *state };

	a.room = make_room(a.fixture, "lobby", make_user(a.fixture), 9);
	a.node = make_node(a.fixture, FOREVER);
	a.lee = make_member(a.fixture, &a.room, "lee");
	(void)act_open_stream(a.fixture, &a.room, &a.lee, a.node, "tab");
	a.kim = make_member(a.fixture, &a.room, "kim");
	return a;
}

void
absentee_go_away(struct absentee *a)
{
	fake_clock_advance(FIXTURE_LEASE + 1);
	assert_int_equal(act_reap(a->fixture), DB_OK);
	absentee_check(a);
}

void
absentee_come_back(struct absentee *a)
{
	assert_int_equal(
	    act_join(a->fixture, &a->room, a->kim.user, NULL, &a->kim), DB_OK);
	absentee_check(a);
}

struct message_id
absentee_say(struct absentee *a, struct user_id user, const char *content)
{
	struct message_draft m = { .content = content };
	struct message_id last;

	assert_int_equal(act_send(a->fixture, &a->room, user, &m, NULL), DB_OK);
	assert_int_equal(
	    messages_last(a->fixture->db, a->room.id, &last), DB_OK);
	return last;
}

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

struct listener_id
absentee_listen(struct absentee *a, struct user_id user, const char *conn)
{
	struct listening l = { .user = user,
		.entry = { .transport = TRANSPORT_STREAM,
		    .conn = conn,
		    .node = a->node,
		    .grace_ms = ABSENTEE_LISTENER_GRACE } };

	assert_int_equal(db_write(a->fixture->db, listen, &l), DB_OK);
	absentee_check(a);
	return l.id;
}

void
absentee_assert_listed(struct absentee *a, const char *text)
{
	struct my_rooms_place from = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	int more;

	assert_int_equal(
	    my_rooms_add(a->fixture->db, a->kim.user, 10, &from, &b, &more),
	    DB_OK);
	if (strstr(buf_str(&b), text) == NULL)
		fail_msg("not %s: %s", text, buf_str(&b));
	buf_done(&b);
}

struct marking {
	const struct absentee *absentee;
	struct message_id message;
	struct buf json;
};

static enum db_rc
mark_read(struct db *db, void *arg)
{
	struct marking *m = arg;

	return unread_read(
	    db, &m->absentee->room, m->absentee->kim.id, m->message, &m->json);
}

void
absentee_assert_read(struct absentee *a, int64_t message, const char *answer)
{
	struct marking m = { .absentee = a, .message = { message } };

	assert_int_equal(db_write(a->fixture->db, mark_read, &m), DB_OK);
	assert_string_equal(buf_str(&m.json), answer);
	buf_done(&m.json);
}
