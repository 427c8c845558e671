/* How long presence lasts: leases of polls, streams and the programs that hold them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>

#include "db/chat/leases.h"
#include "db/chat/schema.h"
#include "db/rows/chatters.h"
#include "db/chat/expiry.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/presence_check.h"
#include "tests/lib/write.h"

static void
a_join_without_a_connection_expires_by_itself(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head = eventlog_head(f), ms;

	assert_int_equal(presence_remaining(f->db, kim.id, "join", &ms), DB_OK);
	assert_true(ms == FIXTURE_LEASE);
	fake_clock_advance(FIXTURE_LEASE - 1);
	assert_int_equal(act_reap(f), DB_NONE);
	fake_clock_advance(1);
	assert_int_equal(act_reap(f), DB_OK);
	presence_check_told(f, head, 0, 1);
}

static void
s4_9_polls_renew_one_row_and_streams_lease_none(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct entry poll = { .transport = TRANSPORT_POLL,
		.conn = "poll",
		.node = { 0 },
		.lease_ms = 20000,
		.grace_ms = 0 };
	int64_t head = eventlog_head(f), rows, ms;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(act_enter(f, &room, &kim, &poll, NULL), DB_OK);
		fake_clock_advance(15000);
		assert_int_equal(act_reap(f), DB_NONE);
	}
	assert_int_equal(presence_count(f->db, &rows), DB_OK);
	assert_true(rows == 1);
	assert_int_equal(presence_remaining(f->db, kim.id, "poll", &ms), DB_OK);
	assert_true(ms == 5000);
	assert_int_equal(
	    presence_remaining(f->db, kim.id, "join", &ms), DB_NONE);
	assert_true(eventlog_head(f) == head);
	(void)act_open_stream(f, &room, &kim, make_node(f, 1000), "s");
	assert_int_equal(presence_remaining(f->db, kim.id, "s", &ms), DB_OK);
	assert_true(ms == INT64_MAX);
}

static void
s2_18_streams_of_a_dead_daemon_get_the_grace(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct chatter lee = make_member(f, &room, "lee");
	struct node_id dead = make_node(f, 10000), alive;
	int64_t head;

	(void)act_open_stream(f, &room, &kim, dead, "a");
	(void)act_open_stream(f, &room, &lee, dead, "b");
	head = eventlog_head(f);
	fake_clock_advance(10001);
	assert_int_equal(expiry_due(f->db, 10000), DB_NONE);
	assert_int_equal(expiry_due(f->db, 0), DB_OK);
	assert_int_equal(act_reap(f), DB_OK);
	assert_true(presence_check_online(f, &kim));
	fake_clock_advance(FIXTURE_GRACE - 1);
	/* One reconnects to the daemon's successor, the other does not. */
	alive = make_node(f, 1000000);
	(void)act_open_stream(f, &room, &kim, alive, "a");
	fake_clock_advance(1);
	assert_int_equal(act_reap(f), DB_OK);
	assert_true(presence_check_online(f, &kim));
	assert_false(presence_check_online(f, &lee));
	presence_check_told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "lee left"), 1);
}

static enum db_rc
renew(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return leases_renew_node(db, w->node, w->ms);
}

static void
a_daemon_lives_as_long_as_it_renews(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct write_args w = { .fixture = f, .ms = 10000 };

	w.node = make_node(f, w.ms);
	(void)act_open_stream(f, &room, &kim, w.node, "a");
	for (int i = 0; i < 10; i++) {
		fake_clock_advance(9999);
		assert_int_equal(act_reap(f), DB_NONE);
		assert_int_equal(db_write(f->db, renew, &w), DB_OK);
	}
	fake_clock_advance(10001);
	assert_int_equal(act_reap(f), DB_OK);
	assert_int_equal(db_write(f->db, renew, &w), DB_NONE);
}

static void
many_who_time_out_together_share_an_event_and_a_notice(void **state)
{
	struct fixture *f = *state;
	struct room a = make_room(f, "room-a", make_user(f), 50);
	struct room b = make_room(f, "room-b", a.owner, 50);
	int64_t head;

	for (int i = 0; i < 10; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "kim %d", i);
		(void)make_member(f, i % 2 == 0 ? &a : &b, name);
	}
	head = eventlog_head(f);
	fake_clock_advance(FIXTURE_LEASE);
	assert_int_equal(act_reap(f), DB_OK);
	assert_int_equal(eventlog_count(f, head, "\"left\":["), 2);
	assert_int_equal(eventlog_count(f, head, "\"kind\":\"left\""), 2);
	assert_true(fixture_online(f, &a) == 0);
	assert_true(fixture_online(f, &b) == 0);
}

struct disconnect {
	struct user_id user;
	const char *conn;
};

static enum db_rc
goodbye_in(struct db *db, void *arg)
{
	const struct disconnect *g = arg;

	return arrivals_goodbye(db, g->user, g->conn);
}

static void
goodbye(struct fixture *f, struct user_id user, const char *conn)
{
	struct disconnect g = { user, conn };

	assert_int_equal(db_write(f->db, goodbye_in, &g), DB_OK);
}

static int64_t
remaining(struct fixture *f, const struct chatter *c, const char *conn)
{
	int64_t ms;

	assert_int_equal(presence_remaining(f->db, c->id, conn, &ms), DB_OK);
	return ms;
}

static void
a_goodbye_gives_every_row_of_that_name_its_grace_and_no_more(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct node_id node = make_node(f, FIXTURE_LEASE);
	struct chatter kim = make_member(f, &room, "kim");
	struct chatter lee = make_member(f, &room, "lee");
	int64_t head;

	(void)act_open_stream(f, &room, &kim, node, "a");
	(void)act_open_stream(f, &room, &kim, node, "b");
	(void)act_open_stream(f, &room, &lee, node, "a");
	head = eventlog_head(f);
	goodbye(f, kim.user, "a");
	assert_int_equal(eventlog_count(f, head, "{\"conn\":\"a\"}"), 1);
	assert_true(remaining(f, &kim, "a") == FIXTURE_GRACE);
	assert_true(remaining(f, &kim, "b") == INT64_MAX);
	assert_true(remaining(f, &lee, "a") == INT64_MAX);
	fake_clock_advance(1);
	goodbye(f, kim.user, "a");
	goodbye(f, kim.user, "nobody's");
	assert_true(remaining(f, &kim, "a") == FIXTURE_GRACE - 1);
	assert_int_equal(eventlog_count(f, head, "{\"conn\":"), 1);
}

static enum db_rc
reap_two(struct db *db, void *arg)
{
	(void)arg;
	return expiry_reap(db, 0, 2);
}

static void
the_reaper_does_no_more_at_once_than_it_is_told(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 50);
	int rounds = 0;

	for (int i = 0; i < 5; i++)
		(void)make_member(f, &room, NULL);
	fake_clock_advance(FIXTURE_LEASE);
	while (db_write(f->db, reap_two, NULL) == DB_OK)
		rounds++;
	assert_int_equal(rounds, 3);
	assert_true(fixture_online(f, &room) == 0);
}

static void
s4_1_presence_is_in_the_database_and_survives(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 3);
	struct chatter kim = make_member(f, &room, "kim");
	struct store_options o = { .schema = &schema_chat,
		.dir = f->dir,
		.mode = STORE_DIRECT,
		.wal_pages = 4000 };
	int64_t head = eventlog_head(f);

	store_close(f->store);
	assert_int_equal(store_open(&o, &f->store), DB_OK);
	f->db = store_db(f->store);
	assert_true(presence_check_online(f, &kim));
	assert_true(fixture_online(f, &room) == 1);
	fake_clock_advance(FIXTURE_LEASE);
	assert_int_equal(act_reap(f), DB_OK);
	presence_check_told(f, head, 0, 1);
}

static void
a_stream_of_a_daemon_that_was_given_up_does_not_enter(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct entry e = { .transport = TRANSPORT_STREAM,
		.conn = "tab",
		.node = make_node(f, 1000) };
	int64_t head = eventlog_head(f), ms;

	fake_clock_advance(1001);
	assert_int_equal(act_reap(f), DB_OK);
	assert_int_equal(act_enter(f, &room, &kim, &e, NULL), DB_BUSY);
	assert_int_equal(
	    presence_remaining(f->db, kim.id, "tab", &ms), DB_NONE);
	assert_true(eventlog_head(f) == head);
}

/*
 * There are 40 named connections, each with a slightly longer lease than the
 * one before.
 */
static void
p9_of_many_leases_the_longest_are_kept_and_streams_as_well(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t ms, rows;
	char conn[16];

	(void)act_open_stream(f, &room, &kim, make_node(f, 1000000), "stream");
	for (int i = 0; i < 40; i++) {
		struct entry e = { .transport = TRANSPORT_POLL,
			.conn = conn,
			.lease_ms = FIXTURE_LEASE + i };

		(void)snprintf(conn, sizeof(conn), "poll%d", i);
		assert_int_equal(act_enter(f, &room, &kim, &e, NULL), DB_OK);
	}
	assert_int_equal(presence_count(f->db, &rows), DB_OK);
	assert_int_equal(rows, 1 + PRESENCE_LEASES_MAX);
	assert_int_equal(
	    presence_remaining(f->db, kim.id, "poll23", &ms), DB_NONE);
	assert_int_equal(
	    presence_remaining(f->db, kim.id, "poll24", &ms), DB_OK);
	assert_int_equal(
	    presence_remaining(f->db, kim.id, "stream", &ms), DB_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_join_without_a_connection_expires_by_itself),
		FIXTURE_TEST(s4_9_polls_renew_one_row_and_streams_lease_none),
		FIXTURE_TEST(s2_18_streams_of_a_dead_daemon_get_the_grace),
		FIXTURE_TEST(a_daemon_lives_as_long_as_it_renews),
		FIXTURE_TEST(
		    p9_of_many_leases_the_longest_are_kept_and_streams_as_well),
		FIXTURE_TEST(
		    a_stream_of_a_daemon_that_was_given_up_does_not_enter),
		FIXTURE_TEST(
		    many_who_time_out_together_share_an_event_and_a_notice),
		FIXTURE_TEST(
		    a_goodbye_gives_every_row_of_that_name_its_grace_and_no_more),
		FIXTURE_TEST(the_reaper_does_no_more_at_once_than_it_is_told),
		FIXTURE_TEST(s4_1_presence_is_in_the_database_and_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
