/* Who is in a room now: leases in rows, and what the room is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>

#include "db/chat/schema.h"
#include "db/rows/chatters.h"
#include "db/rows/expiry.h"
#include "db/rows/nodes.h"
#include "db/rows/presence.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

static const char joined[] = "\"joined\":[", left[] = "\"left\":[",
		  joined_notice[] = "\"kind\":\"joined\"",
		  left_notice[] = "\"kind\":\"left\"";

/* What everybody in the room was told since SEQ. */
static void
told(struct fixture *f, int64_t seq, int joins, int leaves)
{
	assert_int_equal(eventlog_count(f, seq, joined), joins);
	assert_int_equal(eventlog_count(f, seq, joined_notice), joins);
	assert_int_equal(eventlog_count(f, seq, left), leaves);
	assert_int_equal(eventlog_count(f, seq, left_notice), leaves);
}

static int
online(struct fixture *f, const struct chatter *c)
{
	enum db_rc rc = presence_online(f->db, c->id);

	assert_true(rc == DB_OK || rc == DB_NONE);
	return rc == DB_OK;
}

static void
s2_6_a_first_join_is_one_event_and_then_one_notice(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = eventlog_head(f);
	struct chatter kim = make_member(f, &room, "kim");

	buf_addf(&want,
	    "presence 0 {\"room\":\"lobby\",\"joined\":[{\"id\":\"%s\","
	    "\"nickname\":\"kim\",\"role\":\"member\"}],\"count\":1}\nalert 0 ",
	    kim.name.s);
	eventlog_lines(f, head, &got);
	assert_memory_equal(buf_str(&got), buf_str(&want), want.len);
	told(f, head, 1, 0);
	assert_true(eventlog_head(f) == head + 2);
	assert_true(fixture_online(f, &room) == 1);
	assert_true(online(f, &kim));
	buf_done(&want);
	buf_done(&got);
}

static void
s2_13_leave_is_at_once_and_ends_the_subscription(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head;

	(void)act_open_stream(f, &room, &kim, make_node(f, 10000), "tab");
	head = eventlog_head(f);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	buf_addf(&want,
	    "presence %lld {\"room\":\"lobby\",\"left\":[{\"id\":\"%s\","
	    "\"nickname\":\"kim\",\"role\":\"member\",\"reason\":\"left\"}],"
	    "\"count\":0}\nalert 0 ",
	    (long long)kim.id.n, kim.name.s);
	eventlog_lines(f, head, &got);
	assert_memory_equal(buf_str(&got), buf_str(&want), want.len);
	told(f, head, 0, 1);
	assert_false(online(f, &kim));
	assert_true(fixture_online(f, &room) == 0);
	/* Once more changes nothing. */
	head = eventlog_head(f);
	act_leave(f, &room, &kim, LEAVE_LEFT);
	assert_true(eventlog_head(f) == head);
	buf_done(&want);
	buf_done(&got);
}

static void
who_is_removed_is_told_as_removed(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head = eventlog_head(f);

	act_leave(f, &room, &kim, LEAVE_REMOVED);
	told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "\"reason\":\"removed\""), 2);
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 1);
}

static void
s2_8_s2_9_who_vanishes_leaves_once_and_only_after_the_grace(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct presence_id id =
	    act_open_stream(f, &room, &kim, make_node(f, 100000), "tab");
	int64_t head = eventlog_head(f);

	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE - 1);
	assert_int_equal(expiry_due(f->db, 0), DB_NONE);
	assert_int_equal(act_reap(f), DB_NONE);
	assert_true(online(f, &kim));
	assert_true(fixture_online(f, &room) == 1);
	fake_clock_advance(1);
	assert_int_equal(expiry_due(f->db, 0), DB_OK);
	assert_int_equal(act_reap(f), DB_OK);
	assert_false(online(f, &kim));
	told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "\"reason\":\"timeout\""), 2);
	assert_int_equal(eventlog_count(f, head, "presence 0 "), 1);
	assert_true(fixture_online(f, &room) == 0);
	assert_int_equal(act_reap(f), DB_NONE);
	told(f, head, 0, 1);
	/* Timed out is not gone for good. */
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 0);
}

static void
s2_10_ten_refreshes_within_the_grace_are_silent(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id id = act_open_stream(f, &room, &kim, node, "t0");
	int64_t head = eventlog_head(f);

	for (int i = 0; i < 10; i++) {
		char conn[16];

		act_end_stream(f, id);
		fake_clock_advance(FIXTURE_GRACE - 1);
		(void)act_reap(f);
		(void)snprintf(conn, sizeof(conn), "t%d", i % 2);
		id = act_open_stream(f, &room, &kim, node, conn);
		fake_clock_advance(1);
		(void)act_reap(f);
	}
	fake_clock_advance((int64_t)2 * FIXTURE_GRACE);
	(void)act_reap(f);
	assert_true(online(f, &kim));
	assert_true(eventlog_head(f) == head);
	assert_true(fixture_online(f, &room) == 1);
}

static void
s2_11_a_return_after_the_grace_is_one_leave_and_one_join(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id id = act_open_stream(f, &room, &kim, node, "tab");
	int64_t head = eventlog_head(f);

	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	id = act_open_stream(f, &room, &kim, node, "tab");
	told(f, head, 1, 1);
	/* The same when the reaper is late. */
	head = eventlog_head(f);
	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE);
	(void)act_open_stream(f, &room, &kim, node, "tab");
	(void)act_reap(f);
	told(f, head, 1, 1);
	assert_true(fixture_online(f, &room) == 1);
}

static void
s2_12_a_refresh_of_one_does_not_keep_another(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct room other = make_room(f, "other", room.owner, 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct chatter lee = make_member(f, &room, "lee"), there;
	struct node_id node = make_node(f, 1000000);
	struct presence_id a = act_open_stream(f, &room, &kim, node, "a");
	struct presence_id b = act_open_stream(f, &room, &lee, node, "b");
	int64_t head;

	assert_int_equal(act_join(f, &other, lee.user, "lee", &there), DB_OK);
	(void)act_open_stream(f, &other, &there, node, "b");
	head = eventlog_head(f);
	act_end_stream(f, a);
	act_end_stream(f, b);
	(void)act_open_stream(f, &room, &kim, node, "a");
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "lee left"), 1);
	assert_true(online(f, &kim));
	assert_true(online(f, &there));
}

static void
s2_14_a_new_connection_before_the_old_one_ends_is_silent(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id old = act_open_stream(f, &room, &kim, node, "tab"),
			   new;
	int64_t head = eventlog_head(f), rows;

	new = act_open_stream(f, &room, &kim, node, "tab");
	assert_true(old.n != new.n);
	assert_int_equal(presence_count(f->db, &rows), DB_OK);
	assert_true(rows == 1);
	/* The end of the old one does not end the new one. */
	act_end_stream(f, old);
	fake_clock_advance((int64_t)2 * FIXTURE_GRACE);
	(void)act_reap(f);
	assert_true(online(f, &kim));
	assert_true(eventlog_head(f) == head);
}

static void
s2_15_two_tabs_are_one_leave_after_the_last(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id a = act_open_stream(f, &room, &kim, node, "a");
	struct presence_id b = act_open_stream(f, &room, &kim, node, "b");
	int64_t head = eventlog_head(f);

	act_end_stream(f, a);
	fake_clock_advance((int64_t)2 * FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	assert_true(eventlog_head(f) == head);
	act_end_stream(f, b);
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	told(f, head, 0, 1);
}

static void
s2_15_both_tabs_that_expire_together_are_one_leave(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct node_id node = make_node(f, 1000000);
	struct presence_id a = act_open_stream(f, &room, &kim, node, "a");
	struct presence_id b = act_open_stream(f, &room, &kim, node, "b");
	int64_t head = eventlog_head(f);

	act_end_stream(f, a);
	act_end_stream(f, b);
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	told(f, head, 0, 1);
	assert_true(fixture_online(f, &room) == 0);
}

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
	told(f, head, 0, 1);
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
	assert_true(online(f, &kim));
	fake_clock_advance(FIXTURE_GRACE - 1);
	/* One reconnects to the daemon's successor, the other does not. */
	alive = make_node(f, 1000000);
	(void)act_open_stream(f, &room, &kim, alive, "a");
	fake_clock_advance(1);
	assert_int_equal(act_reap(f), DB_OK);
	assert_true(online(f, &kim));
	assert_false(online(f, &lee));
	told(f, head, 0, 1);
	assert_int_equal(eventlog_count(f, head, "lee left"), 1);
}

static enum db_rc
renew(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return nodes_renew(db, w->node, w->ms);
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
	assert_int_equal(eventlog_count(f, head, left), 2);
	assert_int_equal(eventlog_count(f, head, left_notice), 2);
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

	return presence_goodbye(db, g->user, g->conn);
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
s4_2_a_full_room_counts_chatters_and_refuses_the_next(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 2);
	struct chatter kim = make_member(f, &room, "kim"), c;
	struct chatter lee = make_member(f, &room, "lee");
	struct node_id node = make_node(f, 1000000);
	struct user_id third = make_user(f);
	int64_t head;

	(void)act_open_stream(f, &room, &kim, node, "a");
	(void)act_open_stream(f, &room, &kim, node, "b");
	(void)act_open_stream(f, &room, &lee, node, "a");
	assert_true(fixture_online(f, &room) == 2);
	head = eventlog_head(f);
	assert_int_equal(act_join(f, &room, third, "third", &c), DB_CONFLICT);
	assert_int_equal(f->why, PROBLEM_ROOM_FULL);
	assert_true(eventlog_head(f) == head);
	assert_int_equal(chatters_of_user(f->db, room.id, third, &c), DB_NONE);
	act_leave(f, &room, &lee, LEAVE_LEFT);
	assert_int_equal(act_join(f, &room, third, "third", &c), DB_OK);
}

static void
s4_4_who_is_within_the_grace_and_the_owner_enter_a_full_room(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 1);
	struct chatter kim = make_member(f, &room, "kim"), boss;
	struct node_id node = make_node(f, 1000000);
	struct presence_id id = act_open_stream(f, &room, &kim, node, "a");
	int64_t head = eventlog_head(f);

	act_end_stream(f, id);
	fake_clock_advance(FIXTURE_GRACE - 1);
	(void)act_open_stream(f, &room, &kim, node, "other");
	assert_true(eventlog_head(f) == head);
	assert_int_equal(act_join(f, &room, room.owner, "boss", &boss), DB_OK);
	assert_true(fixture_online(f, &room) == 2);
}

struct racer {
	pthread_t thread;
	struct fixture *fixture;
	const struct room *room;
	struct user_id user;
	enum db_rc rc;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct fixture own = *r->fixture;
	struct chatter c;

	own.db = store_db(own.store);
	r->rc = act_join(&own, r->room, r->user, NULL, &c);
	return NULL;
}

static void
s4_3_of_many_who_race_for_the_last_seat_one_gets_it(void **state)
{
	enum { RACERS = 8 };
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 3);
	struct racer racers[RACERS];
	int in = 0;

	(void)make_member(f, &room, "kim");
	(void)make_member(f, &room, "lee");
	for (int i = 0; i < RACERS; i++) {
		racers[i].fixture = f;
		racers[i].room = &room;
		racers[i].user = make_user(f);
	}
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(
		    pthread_create(&racers[i].thread, NULL, race, &racers[i]),
		    0);
	for (int i = 0; i < RACERS; i++) {
		assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
		assert_true(
		    racers[i].rc == DB_OK || racers[i].rc == DB_CONFLICT);
		in += racers[i].rc == DB_OK;
	}
	assert_int_equal(in, 1);
	assert_true(fixture_online(f, &room) == 3);
}

static int
setup_threads(void **state)
{
	return fixture_setup_mode(state, STORE_THREAD);
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
	assert_true(online(f, &kim));
	assert_true(fixture_online(f, &room) == 1);
	fake_clock_advance(FIXTURE_LEASE);
	assert_int_equal(act_reap(f), DB_OK);
	told(f, head, 0, 1);
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

/* Of 40 named connections, each a little longer than the one before. */
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
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(s2_6_a_first_join_is_one_event_and_then_one_notice),
		WITH_STORE(s2_13_leave_is_at_once_and_ends_the_subscription),
		WITH_STORE(who_is_removed_is_told_as_removed),
		WITH_STORE(
		    s2_8_s2_9_who_vanishes_leaves_once_and_only_after_the_grace),
		WITH_STORE(s2_10_ten_refreshes_within_the_grace_are_silent),
		WITH_STORE(
		    s2_11_a_return_after_the_grace_is_one_leave_and_one_join),
		WITH_STORE(s2_12_a_refresh_of_one_does_not_keep_another),
		WITH_STORE(
		    s2_14_a_new_connection_before_the_old_one_ends_is_silent),
		WITH_STORE(s2_15_two_tabs_are_one_leave_after_the_last),
		WITH_STORE(s2_15_both_tabs_that_expire_together_are_one_leave),
		WITH_STORE(a_join_without_a_connection_expires_by_itself),
		WITH_STORE(s4_9_polls_renew_one_row_and_streams_lease_none),
		WITH_STORE(s2_18_streams_of_a_dead_daemon_get_the_grace),
		WITH_STORE(a_daemon_lives_as_long_as_it_renews),
		WITH_STORE(
		    p9_of_many_leases_the_longest_are_kept_and_streams_as_well),
		WITH_STORE(
		    a_stream_of_a_daemon_that_was_given_up_does_not_enter),
		WITH_STORE(
		    many_who_time_out_together_share_an_event_and_a_notice),
		WITH_STORE(
		    a_goodbye_gives_every_row_of_that_name_its_grace_and_no_more),
		WITH_STORE(the_reaper_does_no_more_at_once_than_it_is_told),
		WITH_STORE(
		    s4_2_a_full_room_counts_chatters_and_refuses_the_next),
		WITH_STORE(
		    s4_4_who_is_within_the_grace_and_the_owner_enter_a_full_room),
		cmocka_unit_test_setup_teardown(
		    s4_3_of_many_who_race_for_the_last_seat_one_gets_it,
		    setup_threads, fixture_teardown),
		WITH_STORE(s4_1_presence_is_in_the_database_and_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
