/* Who may hear what from where on, whatever the query says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <sqlite3.h>

#include "db/base/clock.h"
#include "db/rows/chatters.h"
#include "db/rows/disconnects.h"
#include "db/rows/listeners.h"
#include "db/rows/rooms.h"
#include "api/feed/subscription.h"
#include "db/rows/users.h"
#include "tests/unit/tmpdir.h"

enum { GRACE = 5000, REPLAY_MAX = 20 };

static int64_t wall, lease;

static int64_t
set_wall(void)
{
	return wall;
}

static int64_t
set_lease(void)
{
	return lease;
}

struct place {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct db *db;
	struct user_id kim, lee;
	struct token token, other; /* kim's and lee's */
	struct room lobby, cellar, attic;
	struct chatter seat; /* kim's in the lobby */
	struct log_state log; /* when all this was made */
	/* What the last look found. */
	struct subscription s;
	enum problem why;
};

static enum db_rc
make_room(
    struct db *db, const char *name, struct user_id owner, struct room *room)
{
	struct room_draft draft = { .namespace = "main",
		.owner = owner,
		.title = name,
		.capacity = 2,
		.grace = GRACE,
		.listed = ROOM_LISTED };

	(void)snprintf(draft.name.s, sizeof(draft.name.s), "%s", name);
	return rooms_make(db, &draft, room);
}

/* Kim is in the lobby and in the cellar, lee in none; the attic is lee's. */
static enum db_rc
furnish(struct db *db, void *arg)
{
	struct place *p = arg;
	enum problem why;
	struct chatter c;
	int made;

	assert_int_equal(users_make(db, &p->kim, &p->token), DB_OK);
	assert_int_equal(users_make(db, &p->lee, &p->other), DB_OK);
	assert_int_equal(make_room(db, "lobby", p->lee, &p->lobby), DB_OK);
	assert_int_equal(make_room(db, "cellar", p->kim, &p->cellar), DB_OK);
	assert_int_equal(make_room(db, "attic", p->lee, &p->attic), DB_OK);
	assert_int_equal(
	    chatters_seat(db, &p->lobby,
		&(struct newcomer){ .user = p->kim, .nickname = "kim" },
		&p->seat, &made, &why),
	    DB_OK);
	assert_int_equal(
	    chatters_seat(db, &p->cellar,
		&(struct newcomer){ .user = p->kim, .nickname = "kim" }, &c,
		&made, &why),
	    DB_OK);
	return DB_OK;
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	wall = 1800000000000;
	lease = 1000000;
	clock_wall = set_wall;
	clock_lease = set_lease;
	tmpdir_make(p->dir);
	p->store = tmpdir_store(p->dir, STORE_DIRECT);
	p->db = store_db(p->store);
	assert_int_equal(db_write(p->db, furnish, p), DB_OK);
	assert_int_equal(events_state(p->db, &p->log), DB_OK);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	tmpdir_remove(p->dir);
	free(p);
	return 0;
}

struct look {
	struct place *p;
	struct subscription_request r;
};

static enum db_rc
look(struct db *db, void *arg)
{
	struct look *l = arg;

	struct buf ticket = BUF_INIT;
	struct caller caller;
	enum db_rc rc;

	assert_int_equal(subscription_caller(&l->r, &ticket, &caller), 0);
	rc = subscription_check(
	    db, &l->r, &caller, REPLAY_MAX, &l->p->s, &l->p->why);
	buf_done(&ticket);
	return rc;
}

static enum db_rc
asked(struct place *p, const struct subscription_request *r)
{
	struct look l = { p, *r };

	return db_read(p->db, look, &l);
}

/* Kim's request with QUERY. */
static enum db_rc
kim_asks(struct place *p, const char *query)
{
	struct subscription_request r = { .query = query, .token = p->token.s };

	return asked(p, &r);
}

static void
check_refused(struct place *p, const char *query, enum problem why)
{
	enum db_rc rc = kim_asks(p, query);

	if (rc != DB_CONFLICT || p->why != why)
		fail_msg("query \"%s\": rc %d, %s, not %s", query, (int)rc,
		    problem_code(p->why), problem_code(why));
}

static const struct {
	const char *query;
	enum problem why;
} refusals[] = {
	{ "rooms=,", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby,", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=,lobby", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby,,cellar", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&rooms=cellar", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=%zz", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=nowhere", PROBLEM_NOT_FOUND },
	{ "rooms=lobby,nowhere", PROBLEM_NOT_FOUND },
	{ "rooms=LOBBY", PROBLEM_NOT_FOUND },
	{ "rooms=lobby%20", PROBLEM_NOT_FOUND },
	{ "rooms=../lobby", PROBLEM_NOT_FOUND },
	{ "rooms=attic", PROBLEM_NOT_IN_ROOM },
	{ "rooms=lobby,attic", PROBLEM_NOT_IN_ROOM },
	{ "rooms=lobby&as=SSE", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&as=xml", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&as=sse&as=sse", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&wait=x", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&wait=-1", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&wait=+1", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&wait=1.5", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&wait=1s", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&conn=a%20b", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&conn=a/b", PROBLEM_MALFORMED_REQUEST },
	{ "rooms=lobby&cursor=1", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=-", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=-0", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=-1x", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=--1", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=Latest", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=latest%00", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=latest&cursor=latest", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=00000000-", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=0000000-1", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=0000000A-1", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=00000000-01", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&cursor=00000000-9223372036854775808",
	    PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&last_event_id=x", PROBLEM_MALFORMED_CURSOR },
	{ "rooms=lobby&lastEventId=x&cursor=latest", PROBLEM_MALFORMED_CURSOR },
};

static void
what_is_malformed_or_not_allowed_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		check_refused(*state, refusals[i].query, refusals[i].why);
}

static void
who_asks_must_be_known(void **state)
{
	struct place *p = *state;
	struct subscription_request none = { .query = "rooms=lobby" },
				    wrong = { .query = "rooms=lobby",
					    .token = "wrong" },
				    forged = { .query =
						   "rooms=lobby&ticket=a.b" };

	assert_int_equal(asked(p, &none), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_TOKEN_REQUIRED);
	assert_int_equal(asked(p, &wrong), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_TOKEN_INVALID);
	assert_int_equal(asked(p, &forged), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_TOKEN_INVALID);
}

static void
a_ticket_stands_for_a_token_until_it_expires_and_only_without_one(void **state)
{
	struct place *p = *state;
	struct buf query = BUF_INIT;
	struct subscription_request r = { 0 };

	buf_adds(&query, "rooms=lobby&ticket=");
	assert_int_equal(
	    tickets_make(
		p->db, &(struct ticket){ p->kim, wall + 1000, 0 }, &query),
	    DB_OK);
	r.query = buf_str(&query);
	assert_int_equal(asked(p, &r), DB_OK);
	assert_int_equal(p->s.user.n, p->kim.n);
	r.token = p->other.s;
	assert_int_equal(asked(p, &r), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NOT_IN_ROOM);
	r.token = NULL;
	lease += 1001;
	assert_int_equal(asked(p, &r), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_TOKEN_INVALID);
	buf_done(&query);
}

static const struct {
	const char *as, *accept;
	enum delivery delivery;
} deliveries[] = {
	{ "", NULL, DELIVERY_POLL },
	{ "", "*/*", DELIVERY_POLL },
	{ "", "application/json", DELIVERY_POLL },
	{ "", "text/event-stream", DELIVERY_SSE },
	{ "", "Text/Event-Stream", DELIVERY_SSE },
	{ "", "text/html, text/event-stream;q=0.9", DELIVERY_SSE },
	{ "", "application/x-ndjson", DELIVERY_NDJSON },
	{ "&as=", "text/event-stream", DELIVERY_SSE },
	{ "&as=json", "text/event-stream", DELIVERY_POLL },
	{ "&as=sse", NULL, DELIVERY_SSE },
	{ "&as=ndjson", "text/event-stream", DELIVERY_NDJSON },
};

static void
the_form_follows_accept_and_as_overrides_it(void **state)
{
	struct place *p = *state;
	struct buf query = BUF_INIT;

	for (size_t i = 0; i < sizeof(deliveries) / sizeof(deliveries[0]);
	     i++) {
		struct subscription_request r = { .token = p->token.s,
			.accept = deliveries[i].accept };

		buf_clear(&query);
		buf_addf(&query, "rooms=lobby%s", deliveries[i].as);
		r.query = buf_str(&query);
		assert_int_equal(asked(p, &r), DB_OK);
		assert_int_equal(p->s.delivery, deliveries[i].delivery);
	}
	buf_done(&query);
}

static void
B3_an_empty_parameter_is_none(void **state)
{
	static const char query[] = "rooms=lobby&as=&wait=&conn=&cursor="
				    "&last_event_id=&lastEventId=&ticket=";
	struct place *p = *state;

	assert_int_equal(kim_asks(p, query), DB_OK);
	assert_int_equal(p->s.delivery, DELIVERY_POLL);
	assert_int_equal(p->s.wait, 25000);
	assert_string_equal(p->s.conn, "poll");
	assert_true(p->s.recovered && p->s.cursor == p->log.head);
	assert_int_equal(
	    kim_asks(p, "rooms=lobby&last_event_id=&cursor=earliest"), DB_OK);
	assert_true(p->s.cursor == p->log.floor);
	check_refused(
	    p, "rooms=lobby&cursor=&cursor=latest", PROBLEM_MALFORMED_CURSOR);
}

static const struct {
	const char *query;
	int64_t wait;
} waits[] = {
	{ "rooms=lobby", 25000 },
	{ "rooms=lobby&wait=0", 0 },
	{ "rooms=lobby&wait=1", 1000 },
	{ "rooms=lobby&wait=35", 35000 },
	{ "rooms=lobby&wait=36", 35000 },
	{ "rooms=lobby&wait=99999999999999999999999", 35000 },
};

static void
a_poll_waits_25_s_or_as_it_wishes_up_to_35(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(kim_asks(p, waits[i].query), DB_OK);
		assert_int_equal(p->s.wait, waits[i].wait);
	}
}

static void
a_connection_is_called_as_it_wishes_or_poll_or_something_new(void **state)
{
	struct place *p = *state;
	char first[CONN_MAX + 1];

	assert_int_equal(kim_asks(p, "rooms=lobby&conn=tab_1-x"), DB_OK);
	assert_string_equal(p->s.conn, "tab_1-x");
	assert_int_equal(kim_asks(p, "rooms=lobby"), DB_OK);
	assert_string_equal(p->s.conn, "poll");
	assert_int_equal(kim_asks(p, "rooms=lobby&as=sse"), DB_OK);
	(void)snprintf(first, sizeof(first), "%s", p->s.conn);
	assert_int_equal(ids_check_conn(first), 0);
	assert_int_equal(kim_asks(p, "rooms=lobby&as=sse"), DB_OK);
	assert_string_not_equal(p->s.conn, first);
}

static void
a_room_named_twice_is_heard_once_and_the_own_queue_always(void **state)
{
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	struct place *p = *state;

	assert_int_equal(kim_asks(p, "rooms=lobby,cellar,lobby"), DB_OK);
	assert_int_equal(p->s.n, 2);
	assert_int_equal(subscription_scopes(&p->s, scopes), 3);
	assert_int_equal(scopes[0].type, SCOPE_ROOM);
	assert_int_equal(scopes[0].id, p->lobby.id.n);
	assert_int_equal(scopes[1].id, p->cellar.id.n);
	assert_int_equal(scopes[2].type, SCOPE_USER);
	assert_int_equal(scopes[2].id, p->kim.n);
}

static void
without_rooms_the_own_queue_is_heard_alone(void **state)
{
	static const char *const queries[] = { "", "rooms=", "as=sse" };
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		assert_int_equal(kim_asks(p, queries[i]), DB_OK);
		assert_int_equal(subscription_scopes(&p->s, scopes), 1);
		assert_int_equal(scopes[0].type, SCOPE_USER);
		assert_int_equal(scopes[0].id, p->kim.n);
	}
}

static enum db_rc
fifty_one_rooms(struct db *db, void *arg)
{
	struct place *p = arg;
	char name[ROOM_NAME_MAX + 1];

	for (int i = 0; i < SUBSCRIPTION_ROOMS_MAX + 1; i++) {
		enum problem why;
		struct chatter c;
		struct room room;
		int made;

		(void)snprintf(name, sizeof(name), "room-%d", i);
		assert_int_equal(make_room(db, name, p->kim, &room), DB_OK);
		assert_int_equal(
		    chatters_seat(db, &room,
			&(struct newcomer){ .user = p->kim, .nickname = "kim" },
			&c, &made, &why),
		    DB_OK);
	}
	return DB_OK;
}

static void
fifty_rooms_can_be_heard_and_no_more(void **state)
{
	struct place *p = *state;
	struct buf query = BUF_INIT;

	assert_int_equal(db_write(p->db, fifty_one_rooms, p), DB_OK);
	buf_adds(&query, "rooms=room-0,room-0");
	for (int i = 1; i < SUBSCRIPTION_ROOMS_MAX; i++)
		buf_addf(&query, ",room-%d", i);
	assert_int_equal(kim_asks(p, buf_str(&query)), DB_OK);
	assert_int_equal(p->s.n, SUBSCRIPTION_ROOMS_MAX);
	buf_addf(&query, ",room-%d", SUBSCRIPTION_ROOMS_MAX);
	check_refused(p, buf_str(&query), PROBLEM_MALFORMED_REQUEST);
	buf_done(&query);
}

struct happening {
	struct scope scope;
	int n;
	int64_t prune_to_newest; /* -1: nothing is pruned */
};

static enum db_rc
happen(struct db *db, void *arg)
{
	const struct happening *h = arg;
	struct buf data = BUF_INIT;
	enum db_rc rc = DB_OK;

	buf_adds(&data, "{}");
	for (int i = 0; rc == DB_OK && i < h->n; i++)
		rc = events_append(
		    db, h->scope, EVENT_MESSAGE, &data, EVENT_ENDS_NOBODY);
	if (rc == DB_OK && h->prune_to_newest >= 0)
		rc = events_prune(db, 0, h->prune_to_newest, 1000);
	buf_done(&data);
	return rc;
}

static void
happened(struct place *p, const struct room *room, int n, int64_t keep)
{
	struct happening h = { { SCOPE_ROOM, room->id.n }, n, keep };

	assert_int_equal(db_write(p->db, happen, &h), DB_OK);
}

/*
 * Kim's cursor leads to CURSOR, and RECOVERED says whether that is where he
 * was.  In QUERY '@' stands for the epoch; '#' before a digit, like CURSOR,
 * counts from the head before the test's events.
 */
static void
check_cursor(struct place *p, const char *query, int64_t cursor, int recovered)
{
	struct buf b = BUF_INIT;
	int64_t base = p->log.head;

	for (const char *q = query; *q != '\0'; q++) {
		char *end;

		if (*q == '@') {
			buf_addf(&b, "%s-", p->log.epoch);
		} else if (*q == '#') {
			buf_addi(&b, base + strtoll(q + 1, &end, 10));
			q = end - 1;
		} else
			buf_addc(&b, *q);
	}
	assert_int_equal(kim_asks(p, buf_str(&b)), DB_OK);
	if (p->s.cursor != base + cursor || p->s.recovered != recovered)
		fail_msg("%s: %" PRId64 ", recovered %d", buf_str(&b),
		    p->s.cursor - base, p->s.recovered);
	assert_int_equal(strcmp(p->s.log.epoch, p->log.epoch), 0);
	buf_done(&b);
}

/* Lobby 1..4, cellar 5..6, attic 7, counted from the head before. */
static const struct {
	const char *query;
	int64_t cursor;
	int recovered;
} positions[] = {
	{ "rooms=lobby", 7, 1 },
	{ "rooms=lobby&cursor=latest", 7, 1 },
	{ "rooms=lobby&cursor=@#0", 0, 1 },
	{ "rooms=lobby&cursor=@#3", 3, 1 },
	{ "rooms=lobby&cursor=@#7", 7, 1 },
	{ "rooms=lobby&cursor=@#8", 7, 0 },
	{ "rooms=lobby&cursor=@9223372036854775807", 7, 0 },
	{ "rooms=lobby&cursor=zzzzzzzz-1", -1, -1 },
	{ "rooms=lobby&cursor=-1", 3, 1 },
	{ "rooms=lobby&cursor=-3", 1, 1 },
	{ "rooms=cellar&cursor=-1", 5, 1 },
	{ "rooms=lobby,cellar&cursor=-3", 3, 1 },
	{ "rooms=lobby&last_event_id=@#2&cursor=@#3", 2, 1 },
	{ "rooms=lobby&lastEventId=@#2&cursor=@#3", 2, 1 },
	{ "rooms=lobby&last_event_id=@#1&lastEventId=@#2", 1, 1 },
};

static void
one_goes_on_where_one_was(void **state)
{
	struct place *p = *state;

	happened(p, &p->lobby, 4, -1);
	happened(p, &p->cellar, 2, -1);
	happened(p, &p->attic, 1, -1);
	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++)
		if (positions[i].recovered >= 0)
			check_cursor(p, positions[i].query, positions[i].cursor,
			    positions[i].recovered);
		else
			check_refused(
			    p, positions[i].query, PROBLEM_MALFORMED_CURSOR);
}

static void
the_header_comes_before_every_parameter_unless_it_is_empty(void **state)
{
	struct place *p = *state;
	struct subscription_request r = { .query =
					      "rooms=lobby&cursor=earliest",
		.token = p->token.s,
		.last_event_id = "latest" };

	happened(p, &p->lobby, 1, -1);
	assert_int_equal(asked(p, &r), DB_OK);
	assert_int_equal(p->s.cursor, p->s.log.head);
	r.last_event_id = "";
	assert_int_equal(asked(p, &r), DB_OK);
	assert_int_equal(p->s.cursor, p->s.log.floor);
	r.last_event_id = "nonsense";
	assert_int_equal(asked(p, &r), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_MALFORMED_CURSOR);
}

static void
a_cursor_of_another_epoch_means_reload(void **state)
{
	struct place *p = *state;
	const char *other = strcmp(p->log.epoch, "00000000") != 0 ?
	    "rooms=lobby&cursor=00000000-0" :
	    "rooms=lobby&cursor=00000001-0";

	assert_int_equal(kim_asks(p, other), DB_OK);
	assert_int_equal(p->s.recovered, 0);
	assert_int_equal(p->s.cursor, p->s.log.head);
}

static void
what_has_been_pruned_cannot_be_resumed(void **state)
{
	struct place *p = *state;

	happened(p, &p->lobby, 10, 4);
	check_cursor(p, "rooms=lobby&cursor=@#5", 10, 0);
	check_cursor(p, "rooms=lobby&cursor=@#6", 6, 1);
	check_cursor(p, "rooms=lobby&cursor=earliest", 6, 1);
	check_cursor(p, "rooms=lobby&cursor=-2", 8, 1);
	check_cursor(p, "rooms=lobby&cursor=-9", 6, 1);
	happened(p, &p->lobby, 0, 0);
	check_cursor(p, "rooms=lobby&cursor=@#10", 10, 1);
	check_cursor(p, "rooms=lobby&cursor=earliest", 10, 1);
	check_cursor(p, "rooms=lobby&cursor=-2", 10, 1);
}

static void
who_is_too_far_behind_in_the_own_rooms_reloads(void **state)
{
	struct place *p = *state;

	happened(p, &p->attic, 5 * REPLAY_MAX, -1);
	check_cursor(p, "rooms=lobby&cursor=@#0", 0, 1);
	happened(p, &p->lobby, REPLAY_MAX, -1);
	check_cursor(p, "rooms=lobby&cursor=@#0", 0, 1);
	happened(p, &p->lobby, 1, -1);
	check_cursor(p, "rooms=lobby&cursor=@#0", 6 * REPLAY_MAX + 1, 0);
	check_cursor(p, "rooms=lobby&cursor=-999999", 5 * REPLAY_MAX + 1, 1);
}

struct entering {
	struct place *p;
	struct entry entry;
};

static enum db_rc
enter(struct db *db, void *arg)
{
	struct entering *e = arg;

	return subscription_enter(db, &e->p->s, &e->entry, &e->p->why);
}

static enum db_rc
entered(struct place *p, enum transport transport, int64_t lease_ms)
{
	struct entering e = { p,
		{ .transport = transport,
		    .lease_ms = lease_ms,
		    .grace_ms = GRACE } };

	return db_write(p->db, enter, &e);
}

static enum db_rc
leave(struct db *db, void *arg)
{
	struct place *p = arg;

	return presence_leave(db, &p->lobby, &p->seat, LEAVE_LEFT);
}

static int
needs(struct place *p, int64_t lease_ms)
{
	struct entry entry = { .transport = p->s.delivery == DELIVERY_POLL ?
		    TRANSPORT_POLL :
		    TRANSPORT_STREAM,
		.lease_ms = lease_ms,
		.grace_ms = GRACE };
	int needs;

	assert_int_equal(
	    subscription_needs(p->db, &p->s, &entry, &needs), DB_OK);
	return needs;
}

static void
entering_makes_present_in_every_room_once(void **state)
{
	struct place *p = *state;
	struct log_state log;

	assert_int_equal(kim_asks(p, "rooms=lobby,cellar&conn=tab"), DB_OK);
	assert_int_equal(presence_online(p->db, p->seat.id), DB_NONE);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(presence_online(p->db, p->seat.id), DB_OK);
	assert_true(p->s.seats[0].presence.n > 0);
	assert_true(p->s.seats[1].presence.n > 0);
	assert_int_equal(events_state(p->db, &log), DB_OK);
	assert_true(log.head > p->log.head);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(events_state(p->db, &p->log), DB_OK);
	assert_int_equal(log.head, p->log.head);
}

static void
a_poll_enters_again_only_when_its_lease_runs_short(void **state)
{
	struct place *p = *state;

	assert_int_equal(kim_asks(p, "rooms=lobby,cellar"), DB_OK);
	assert_int_equal(needs(p, 1000), SUBSCRIPTION_MUST_ENTER);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_OK);
	/* The room's grace is added to what was asked for. */
	assert_int_equal(needs(p, 15000), SUBSCRIPTION_PRESENT);
	assert_int_equal(needs(p, 15001), SUBSCRIPTION_MUST_ENTER);
	lease += 10000;
	assert_int_equal(needs(p, 5000), SUBSCRIPTION_PRESENT);
	assert_int_equal(needs(p, 5001), SUBSCRIPTION_MUST_ENTER);
}

static enum db_rc
say_goodbye(struct db *db, void *arg)
{
	const struct place *p = arg;

	return presence_goodbye(db, p->kim, "tab");
}

static enum db_rc
prune_goodbyes(struct db *db, void *arg)
{
	(void)arg;
	return disconnects_prune(db, 10);
}

static void
a_poll_behind_its_goodbye_makes_nobody_present(void **state)
{
	struct place *p = *state;

	assert_int_equal(kim_asks(p, "rooms=lobby&conn=tab"), DB_OK);
	assert_int_equal(db_write(p->db, say_goodbye, p), DB_OK);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(presence_online(p->db, p->seat.id), DB_NONE);
	assert_int_equal(listeners_any(p->db, p->kim), DB_NONE);
	/* Other names, other people and later polls are not meant. */
	assert_int_equal(kim_asks(p, "rooms=lobby&conn=tab2"), DB_OK);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(presence_online(p->db, p->seat.id), DB_OK);
	assert_int_equal(disconnects_said(p->db, p->lee, "tab"), DB_NONE);
	lease += DISCONNECT_KEEP_MS;
	wall -= 3600000; /* is set back, which changes nothing */
	assert_int_equal(disconnects_said(p->db, p->kim, "tab"), DB_OK);
	assert_int_equal(disconnects_due(p->db), DB_NONE);
	lease++;
	assert_int_equal(disconnects_said(p->db, p->kim, "tab"), DB_NONE);
	assert_int_equal(disconnects_due(p->db), DB_OK);
	assert_int_equal(db_write(p->db, prune_goodbyes, NULL), DB_OK);
	assert_int_equal(db_write(p->db, prune_goodbyes, NULL), DB_NONE);
	assert_int_equal(disconnects_due(p->db), DB_NONE);
}

static void
start_machine_anew(struct place *p)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	store_close(p->store);
	buf_addf(&path, "%s/parlor.db", p->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(
		sqlite, "UPDATE meta SET boot = 'another'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
	lease = 0;
	p->store = tmpdir_open(p->dir, STORE_DIRECT);
	p->db = store_db(p->store);
}

static void
a_goodbye_of_before_the_machine_was_started_is_forgotten(void **state)
{
	struct place *p = *state;

	assert_int_equal(db_write(p->db, say_goodbye, p), DB_OK);
	assert_int_equal(disconnects_said(p->db, p->kim, "tab"), DB_OK);
	start_machine_anew(p);
	assert_int_equal(disconnects_said(p->db, p->kim, "tab"), DB_NONE);
}

static void
a_stream_always_enters(void **state)
{
	struct place *p = *state;

	assert_int_equal(kim_asks(p, "rooms=lobby&as=sse"), DB_OK);
	assert_int_equal(needs(p, 0), SUBSCRIPTION_MUST_ENTER);
}

static void
who_left_since_the_check_does_not_enter(void **state)
{
	struct place *p = *state;

	assert_int_equal(kim_asks(p, "rooms=lobby"), DB_OK);
	assert_int_equal(db_write(p->db, leave, p), DB_OK);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NOT_IN_ROOM);
	check_refused(p, "rooms=lobby", PROBLEM_NOT_IN_ROOM);
}

static enum db_rc
delete_lobby(struct db *db, void *arg)
{
	struct place *p = arg;

	return rooms_delete(db, &p->lobby);
}

static void
a_room_that_was_deleted_since_the_check_is_not_entered(void **state)
{
	struct place *p = *state;

	assert_int_equal(kim_asks(p, "rooms=cellar,lobby"), DB_OK);
	assert_int_equal(db_write(p->db, delete_lobby, p), DB_OK);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_NOT_IN_ROOM);
	/* And nobody is present in the cellar by half a subscription. */
	assert_int_equal(
	    presence_online(p->db, p->s.seats[0].chatter), DB_NONE);
	check_refused(p, "rooms=lobby", PROBLEM_NOT_FOUND);
}

static enum db_rc
expire_lobby(struct db *db, void *arg)
{
	struct place *p = arg;
	struct room_draft draft = { .capacity = -1,
		.grace = -1,
		.expires = wall + 1000,
		.slow = -1,
		.listed = -1,
		.notices = -1 };

	return rooms_change(db, &p->lobby, &draft);
}

static void
an_expired_room_is_heard_without_presence(void **state)
{
	struct place *p = *state;

	assert_int_equal(db_write(p->db, expire_lobby, p), DB_OK);
	wall += 1001;
	assert_int_equal(kim_asks(p, "rooms=lobby"), DB_OK);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(needs(p, 1000), SUBSCRIPTION_PRESENT);
	assert_int_equal(p->s.seats[0].presence.n, 0);
	assert_int_equal(presence_online(p->db, p->seat.id), DB_NONE);
}

static enum db_rc
fill_lobby(struct db *db, void *arg)
{
	struct place *p = arg;

	for (int i = 0; i < 2; i++) {
		struct entry entry = { .transport = TRANSPORT_JOIN,
			.conn = "join",
			.lease_ms = 60000 };
		struct presence_id id;
		struct user_id user;
		struct token token;
		struct chatter c;
		struct room room;
		enum problem why;
		int made;

		assert_int_equal(rooms_get(db, p->lobby.id, &room), DB_OK);
		assert_int_equal(users_make(db, &user, &token), DB_OK);
		assert_int_equal(
		    chatters_seat(db, &room, &(struct newcomer){ .user = user },
			&c, &made, &why),
		    DB_OK);
		assert_int_equal(
		    presence_enter(db, &room, &c, &entry, &id, &why), DB_OK);
	}
	return DB_OK;
}

static void
a_full_room_refuses_who_was_offline(void **state)
{
	struct place *p = *state;

	assert_int_equal(db_write(p->db, fill_lobby, p), DB_OK);
	assert_int_equal(kim_asks(p, "rooms=lobby"), DB_OK);
	assert_int_equal(entered(p, TRANSPORT_POLL, 10000), DB_CONFLICT);
	assert_int_equal(p->why, PROBLEM_ROOM_FULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_malformed_or_not_allowed_is_refused),
		TEST(who_asks_must_be_known),
		TEST(
		    a_ticket_stands_for_a_token_until_it_expires_and_only_without_one),
		TEST(the_form_follows_accept_and_as_overrides_it),
		TEST(B3_an_empty_parameter_is_none),
		TEST(a_poll_waits_25_s_or_as_it_wishes_up_to_35),
		TEST(
		    a_connection_is_called_as_it_wishes_or_poll_or_something_new),
		TEST(a_room_named_twice_is_heard_once_and_the_own_queue_always),
		TEST(without_rooms_the_own_queue_is_heard_alone),
		TEST(fifty_rooms_can_be_heard_and_no_more),
		TEST(one_goes_on_where_one_was),
		TEST(
		    the_header_comes_before_every_parameter_unless_it_is_empty),
		TEST(a_cursor_of_another_epoch_means_reload),
		TEST(what_has_been_pruned_cannot_be_resumed),
		TEST(who_is_too_far_behind_in_the_own_rooms_reloads),
		TEST(entering_makes_present_in_every_room_once),
		TEST(a_poll_enters_again_only_when_its_lease_runs_short),
		TEST(a_poll_behind_its_goodbye_makes_nobody_present),
		TEST(a_goodbye_of_before_the_machine_was_started_is_forgotten),
		TEST(a_stream_always_enters),
		TEST(who_left_since_the_check_does_not_enter),
		TEST(a_room_that_was_deleted_since_the_check_is_not_entered),
		TEST(an_expired_room_is_heard_without_presence),
		TEST(a_full_room_refuses_who_was_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
