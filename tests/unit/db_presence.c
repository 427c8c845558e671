/* Who is in a room now: leases in rows, and what the room is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>

#include "tests/unit/place.h"

static const char joined[] = "\"joined\":[", left[] = "\"left\":[",
		  joined_notice[] = "\"kind\":\"joined\"",
		  left_notice[] = "\"kind\":\"left\"";

/* What everybody in the room was told since SEQ. */
static void
told(struct place *p, int64_t seq, int joins, int leaves)
{
	assert_int_equal(place_told(p, seq, joined), joins);
	assert_int_equal(place_told(p, seq, joined_notice), joins);
	assert_int_equal(place_told(p, seq, left), leaves);
	assert_int_equal(place_told(p, seq, left_notice), leaves);
}

static int
online(struct place *p, const struct chatter *c)
{
	enum db_rc rc = presence_online(p->db, c->id);

	assert_true(rc == DB_OK || rc == DB_NONE);
	return rc == DB_OK;
}

static void
s2_6_a_first_join_is_one_event_and_then_one_notice(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head = place_head(p);
	struct chatter kim = place_newcomer(p, &room, "kim");

	buf_addf(&want,
	    "presence 0 {\"room\":\"lobby\",\"joined\":[{\"id\":\"%s\","
	    "\"nickname\":\"kim\",\"role\":\"member\"}],\"count\":1}\nalert 0 ",
	    kim.name.s);
	place_events(p, head, &got);
	assert_memory_equal(buf_str(&got), buf_str(&want), want.len);
	told(p, head, 1, 0);
	assert_true(place_head(p) == head + 2);
	assert_true(place_online(p, &room) == 1);
	assert_true(online(p, &kim));
	buf_done(&want);
	buf_done(&got);
}

static void
s2_13_leave_is_at_once_and_ends_the_subscription(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct buf want = BUF_INIT, got = BUF_INIT;
	int64_t head;

	(void)place_stream(p, &room, &kim, place_node(p, 10000), "tab");
	head = place_head(p);
	place_leave(p, &room, &kim, LEAVE_LEFT);
	buf_addf(&want,
	    "presence %lld {\"room\":\"lobby\",\"left\":[{\"id\":\"%s\","
	    "\"nickname\":\"kim\",\"role\":\"member\",\"reason\":\"left\"}],"
	    "\"count\":0}\nalert 0 ",
	    (long long)kim.id.n, kim.name.s);
	place_events(p, head, &got);
	assert_memory_equal(buf_str(&got), buf_str(&want), want.len);
	told(p, head, 0, 1);
	assert_false(online(p, &kim));
	assert_true(place_online(p, &room) == 0);
	/* Once more changes nothing. */
	head = place_head(p);
	place_leave(p, &room, &kim, LEAVE_LEFT);
	assert_true(place_head(p) == head);
	buf_done(&want);
	buf_done(&got);
}

static void
who_is_removed_is_told_as_removed(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head = place_head(p);

	place_leave(p, &room, &kim, LEAVE_REMOVED);
	told(p, head, 0, 1);
	assert_int_equal(place_told(p, head, "\"reason\":\"removed\""), 2);
	assert_int_equal(chatters_get(p->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 1);
}

static void
s2_8_s2_9_who_vanishes_leaves_once_and_only_after_the_grace(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct presence_id id =
	    place_stream(p, &room, &kim, place_node(p, 100000), "tab");
	int64_t head = place_head(p);

	place_end(p, id);
	place_wait(PLACE_GRACE - 1);
	assert_int_equal(expiry_due(p->db, 0), DB_NONE);
	assert_int_equal(place_reap(p), DB_NONE);
	assert_true(online(p, &kim));
	assert_true(place_online(p, &room) == 1);
	place_wait(1);
	assert_int_equal(expiry_due(p->db, 0), DB_OK);
	assert_int_equal(place_reap(p), DB_OK);
	assert_false(online(p, &kim));
	told(p, head, 0, 1);
	assert_int_equal(place_told(p, head, "\"reason\":\"timeout\""), 2);
	assert_int_equal(place_told(p, head, "presence 0 "), 1);
	assert_true(place_online(p, &room) == 0);
	assert_int_equal(place_reap(p), DB_NONE);
	told(p, head, 0, 1);
	/* Timed out is not gone for good. */
	assert_int_equal(chatters_get(p->db, kim.id, &kim), DB_OK);
	assert_int_equal(kim.left, 0);
}

static void
s2_10_ten_refreshes_within_the_grace_are_silent(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct node_id node = place_node(p, 1000000);
	struct presence_id id = place_stream(p, &room, &kim, node, "t0");
	int64_t head = place_head(p);

	for (int i = 0; i < 10; i++) {
		char conn[16];

		place_end(p, id);
		place_wait(PLACE_GRACE - 1);
		(void)place_reap(p);
		(void)snprintf(conn, sizeof(conn), "t%d", i % 2);
		id = place_stream(p, &room, &kim, node, conn);
		place_wait(1);
		(void)place_reap(p);
	}
	place_wait((int64_t)2 * PLACE_GRACE);
	(void)place_reap(p);
	assert_true(online(p, &kim));
	assert_true(place_head(p) == head);
	assert_true(place_online(p, &room) == 1);
}

static void
s2_11_a_return_after_the_grace_is_one_leave_and_one_join(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct node_id node = place_node(p, 1000000);
	struct presence_id id = place_stream(p, &room, &kim, node, "tab");
	int64_t head = place_head(p);

	place_end(p, id);
	place_wait(PLACE_GRACE);
	assert_int_equal(place_reap(p), DB_OK);
	id = place_stream(p, &room, &kim, node, "tab");
	told(p, head, 1, 1);
	/* The same when the reaper is late. */
	head = place_head(p);
	place_end(p, id);
	place_wait(PLACE_GRACE);
	(void)place_stream(p, &room, &kim, node, "tab");
	(void)place_reap(p);
	told(p, head, 1, 1);
	assert_true(place_online(p, &room) == 1);
}

static void
s2_12_a_refresh_of_one_does_not_keep_another(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct room other = place_room(p, "other", room.owner, 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct chatter lee = place_newcomer(p, &room, "lee"), there;
	struct node_id node = place_node(p, 1000000);
	struct presence_id a = place_stream(p, &room, &kim, node, "a");
	struct presence_id b = place_stream(p, &room, &lee, node, "b");
	int64_t head;

	assert_int_equal(place_join(p, &other, lee.user, "lee", &there), DB_OK);
	(void)place_stream(p, &other, &there, node, "b");
	head = place_head(p);
	place_end(p, a);
	place_end(p, b);
	(void)place_stream(p, &room, &kim, node, "a");
	place_wait(PLACE_GRACE);
	assert_int_equal(place_reap(p), DB_OK);
	told(p, head, 0, 1);
	assert_int_equal(place_told(p, head, "lee left"), 1);
	assert_true(online(p, &kim));
	assert_true(online(p, &there));
}

static void
s2_14_a_new_connection_before_the_old_one_ends_is_silent(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct node_id node = place_node(p, 1000000);
	struct presence_id old = place_stream(p, &room, &kim, node, "tab"), new;
	int64_t head = place_head(p), rows;

	new = place_stream(p, &room, &kim, node, "tab");
	assert_true(old.n != new.n);
	assert_int_equal(presence_count(p->db, &rows), DB_OK);
	assert_true(rows == 1);
	/* The end of the old one does not end the new one. */
	place_end(p, old);
	place_wait((int64_t)2 * PLACE_GRACE);
	(void)place_reap(p);
	assert_true(online(p, &kim));
	assert_true(place_head(p) == head);
}

static void
s2_15_two_tabs_are_one_leave_after_the_last(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct node_id node = place_node(p, 1000000);
	struct presence_id a = place_stream(p, &room, &kim, node, "a");
	struct presence_id b = place_stream(p, &room, &kim, node, "b");
	int64_t head = place_head(p);

	place_end(p, a);
	place_wait((int64_t)2 * PLACE_GRACE);
	assert_int_equal(place_reap(p), DB_OK);
	assert_true(place_head(p) == head);
	place_end(p, b);
	place_wait(PLACE_GRACE);
	assert_int_equal(place_reap(p), DB_OK);
	told(p, head, 0, 1);
}

static void
s2_15_both_tabs_that_expire_together_are_one_leave(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct node_id node = place_node(p, 1000000);
	struct presence_id a = place_stream(p, &room, &kim, node, "a");
	struct presence_id b = place_stream(p, &room, &kim, node, "b");
	int64_t head = place_head(p);

	place_end(p, a);
	place_end(p, b);
	place_wait(PLACE_GRACE);
	assert_int_equal(place_reap(p), DB_OK);
	told(p, head, 0, 1);
	assert_true(place_online(p, &room) == 0);
}

static void
a_join_without_a_connection_expires_by_itself(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head = place_head(p), ms;

	assert_int_equal(presence_remaining(p->db, kim.id, "join", &ms), DB_OK);
	assert_true(ms == PLACE_LEASE);
	place_wait(PLACE_LEASE - 1);
	assert_int_equal(place_reap(p), DB_NONE);
	place_wait(1);
	assert_int_equal(place_reap(p), DB_OK);
	told(p, head, 0, 1);
}

static void
s4_9_polls_renew_one_row_and_streams_lease_none(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct entry poll = { .transport = TRANSPORT_POLL,
		.conn = "poll",
		.node = { 0 },
		.lease_ms = 20000,
		.grace_ms = 0 };
	int64_t head = place_head(p), rows, ms;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(
		    place_enter(p, &room, &kim, &poll, NULL), DB_OK);
		place_wait(15000);
		assert_int_equal(place_reap(p), DB_NONE);
	}
	assert_int_equal(presence_count(p->db, &rows), DB_OK);
	assert_true(rows == 1);
	assert_int_equal(presence_remaining(p->db, kim.id, "poll", &ms), DB_OK);
	assert_true(ms == 5000);
	assert_int_equal(
	    presence_remaining(p->db, kim.id, "join", &ms), DB_NONE);
	assert_true(place_head(p) == head);
	(void)place_stream(p, &room, &kim, place_node(p, 1000), "s");
	assert_int_equal(presence_remaining(p->db, kim.id, "s", &ms), DB_OK);
	assert_true(ms == INT64_MAX);
}

static void
s2_18_streams_of_a_dead_daemon_get_the_grace(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct chatter lee = place_newcomer(p, &room, "lee");
	struct node_id dead = place_node(p, 10000), alive;
	int64_t head;

	(void)place_stream(p, &room, &kim, dead, "a");
	(void)place_stream(p, &room, &lee, dead, "b");
	head = place_head(p);
	place_wait(10001);
	assert_int_equal(expiry_due(p->db, 10000), DB_NONE);
	assert_int_equal(expiry_due(p->db, 0), DB_OK);
	assert_int_equal(place_reap(p), DB_OK);
	assert_true(online(p, &kim));
	place_wait(PLACE_GRACE - 1);
	/* One reconnects to the daemon's successor, the other does not. */
	alive = place_node(p, 1000000);
	(void)place_stream(p, &room, &kim, alive, "a");
	place_wait(1);
	assert_int_equal(place_reap(p), DB_OK);
	assert_true(online(p, &kim));
	assert_false(online(p, &lee));
	told(p, head, 0, 1);
	assert_int_equal(place_told(p, head, "lee left"), 1);
}

static enum db_rc
renew(struct db *db, void *arg)
{
	struct deed *d = arg;

	return nodes_renew(db, d->node, d->ms);
}

static void
a_daemon_lives_as_long_as_it_renews(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct deed d = { .place = p, .ms = 10000 };

	d.node = place_node(p, d.ms);
	(void)place_stream(p, &room, &kim, d.node, "a");
	for (int i = 0; i < 10; i++) {
		place_wait(9999);
		assert_int_equal(place_reap(p), DB_NONE);
		assert_int_equal(db_write(p->db, renew, &d), DB_OK);
	}
	place_wait(10001);
	assert_int_equal(place_reap(p), DB_OK);
	assert_int_equal(db_write(p->db, renew, &d), DB_NONE);
}

static void
many_who_time_out_together_share_an_event_and_a_notice(void **state)
{
	struct place *p = *state;
	struct room a = place_room(p, "room-a", place_user(p), 50);
	struct room b = place_room(p, "room-b", a.owner, 50);
	int64_t head;

	for (int i = 0; i < 10; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "kim %d", i);
		(void)place_newcomer(p, i % 2 == 0 ? &a : &b, name);
	}
	head = place_head(p);
	place_wait(PLACE_LEASE);
	assert_int_equal(place_reap(p), DB_OK);
	assert_int_equal(place_told(p, head, left), 2);
	assert_int_equal(place_told(p, head, left_notice), 2);
	assert_true(place_online(p, &a) == 0);
	assert_true(place_online(p, &b) == 0);
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
goodbye(struct place *p, struct user_id user, const char *conn)
{
	struct disconnect g = { user, conn };

	assert_int_equal(db_write(p->db, goodbye_in, &g), DB_OK);
}

static int64_t
remaining(struct place *p, const struct chatter *c, const char *conn)
{
	int64_t ms;

	assert_int_equal(presence_remaining(p->db, c->id, conn, &ms), DB_OK);
	return ms;
}

static void
a_goodbye_gives_every_row_of_that_name_its_grace_and_no_more(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct node_id node = place_node(p, PLACE_LEASE);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct chatter lee = place_newcomer(p, &room, "lee");
	int64_t head;

	(void)place_stream(p, &room, &kim, node, "a");
	(void)place_stream(p, &room, &kim, node, "b");
	(void)place_stream(p, &room, &lee, node, "a");
	head = place_head(p);
	goodbye(p, kim.user, "a");
	assert_int_equal(place_told(p, head, "{\"conn\":\"a\"}"), 1);
	assert_true(remaining(p, &kim, "a") == PLACE_GRACE);
	assert_true(remaining(p, &kim, "b") == INT64_MAX);
	assert_true(remaining(p, &lee, "a") == INT64_MAX);
	place_wait(1);
	goodbye(p, kim.user, "a");
	goodbye(p, kim.user, "nobody's");
	assert_true(remaining(p, &kim, "a") == PLACE_GRACE - 1);
	assert_int_equal(place_told(p, head, "{\"conn\":"), 1);
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
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 50);
	int rounds = 0;

	for (int i = 0; i < 5; i++)
		(void)place_newcomer(p, &room, NULL);
	place_wait(PLACE_LEASE);
	while (db_write(p->db, reap_two, NULL) == DB_OK)
		rounds++;
	assert_int_equal(rounds, 3);
	assert_true(place_online(p, &room) == 0);
}

static void
s4_2_a_full_room_counts_chatters_and_refuses_the_next(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 2);
	struct chatter kim = place_newcomer(p, &room, "kim"), c;
	struct chatter lee = place_newcomer(p, &room, "lee");
	struct node_id node = place_node(p, 1000000);
	struct user_id third = place_user(p);
	int64_t head;

	(void)place_stream(p, &room, &kim, node, "a");
	(void)place_stream(p, &room, &kim, node, "b");
	(void)place_stream(p, &room, &lee, node, "a");
	assert_true(place_online(p, &room) == 2);
	head = place_head(p);
	assert_int_equal(place_join(p, &room, third, "third", &c), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_ROOM_FULL);
	assert_true(place_head(p) == head);
	assert_int_equal(chatters_of_user(p->db, room.id, third, &c), DB_NONE);
	place_leave(p, &room, &lee, LEAVE_LEFT);
	assert_int_equal(place_join(p, &room, third, "third", &c), DB_OK);
}

static void
s4_4_who_is_within_the_grace_and_the_owner_enter_a_full_room(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 1);
	struct chatter kim = place_newcomer(p, &room, "kim"), boss;
	struct node_id node = place_node(p, 1000000);
	struct presence_id id = place_stream(p, &room, &kim, node, "a");
	int64_t head = place_head(p);

	place_end(p, id);
	place_wait(PLACE_GRACE - 1);
	(void)place_stream(p, &room, &kim, node, "other");
	assert_true(place_head(p) == head);
	assert_int_equal(
	    place_join(p, &room, room.owner, "boss", &boss), DB_OK);
	assert_true(place_online(p, &room) == 2);
}

struct racer {
	pthread_t thread;
	struct place *place;
	const struct room *room;
	struct user_id user;
	enum db_rc rc;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct place own = *r->place;
	struct chatter c;

	own.db = store_db(own.store);
	r->rc = place_join(&own, r->room, r->user, NULL, &c);
	return NULL;
}

static void
s4_3_of_many_who_race_for_the_last_seat_one_gets_it(void **state)
{
	enum { RACERS = 8 };
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 3);
	struct racer racers[RACERS];
	int in = 0;

	(void)place_newcomer(p, &room, "kim");
	(void)place_newcomer(p, &room, "lee");
	for (int i = 0; i < RACERS; i++) {
		racers[i].place = p;
		racers[i].room = &room;
		racers[i].user = place_user(p);
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
	assert_true(place_online(p, &room) == 3);
}

static int
setup_threads(void **state)
{
	return datadir_open(state, STORE_THREAD);
}

static void
s4_1_presence_is_in_the_database_and_survives(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 3);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct store_options o = {
		.dir = p->dir, .mode = STORE_DIRECT, .wal_pages = 4000
	};
	int64_t head = place_head(p);

	store_close(p->store);
	assert_int_equal(store_open(&o, &p->store), DB_OK);
	p->db = store_db(p->store);
	assert_true(online(p, &kim));
	assert_true(place_online(p, &room) == 1);
	place_wait(PLACE_LEASE);
	assert_int_equal(place_reap(p), DB_OK);
	told(p, head, 0, 1);
}

static void
a_stream_of_a_daemon_that_was_given_up_does_not_enter(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct entry e = { .transport = TRANSPORT_STREAM,
		.conn = "tab",
		.node = place_node(p, 1000) };
	int64_t head = place_head(p), ms;

	place_wait(1001);
	assert_int_equal(place_reap(p), DB_OK);
	assert_int_equal(place_enter(p, &room, &kim, &e, NULL), DB_BUSY);
	assert_int_equal(
	    presence_remaining(p->db, kim.id, "tab", &ms), DB_NONE);
	assert_true(place_head(p) == head);
}

/* Of 40 named connections, each a little longer than the one before. */
static void
p9_of_many_leases_the_longest_are_kept_and_streams_as_well(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t ms, rows;
	char conn[16];

	(void)place_stream(p, &room, &kim, place_node(p, 1000000), "stream");
	for (int i = 0; i < 40; i++) {
		struct entry e = { .transport = TRANSPORT_POLL,
			.conn = conn,
			.lease_ms = PLACE_LEASE + i };

		(void)snprintf(conn, sizeof(conn), "poll%d", i);
		assert_int_equal(place_enter(p, &room, &kim, &e, NULL), DB_OK);
	}
	assert_int_equal(presence_count(p->db, &rows), DB_OK);
	assert_int_equal(rows, 1 + PRESENCE_LEASES_MAX);
	assert_int_equal(
	    presence_remaining(p->db, kim.id, "poll23", &ms), DB_NONE);
	assert_int_equal(
	    presence_remaining(p->db, kim.id, "poll24", &ms), DB_OK);
	assert_int_equal(
	    presence_remaining(p->db, kim.id, "stream", &ms), DB_OK);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
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
		    setup_threads, place_teardown),
		WITH_STORE(s4_1_presence_is_in_the_database_and_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
