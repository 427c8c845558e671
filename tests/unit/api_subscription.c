/* Requests for events: those that are accepted, and those that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/tickets.h"
#include "db/rows/users.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/make.h"
#include "tests/lib/subscriber.h"

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
		subscriber_assert_refused(
		    *state, refusals[i].query, refusals[i].why);
}

static void
who_asks_must_be_known(void **state)
{
	struct subscriber *s = *state;
	struct subscription_request none = { .query = "rooms=lobby" },
				    wrong = { .query = "rooms=lobby",
					    .token = "wrong" },
				    forged = { .query =
						   "rooms=lobby&ticket=a.b" };

	assert_int_equal(subscriber_ask(s, &none), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_TOKEN_REQUIRED);
	assert_int_equal(subscriber_ask(s, &wrong), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_TOKEN_INVALID);
	assert_int_equal(subscriber_ask(s, &forged), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_TOKEN_INVALID);
}

static void
a_ticket_stands_for_a_token_until_it_expires_and_only_without_one(void **state)
{
	struct subscriber *s = *state;
	struct buf query = BUF_INIT;
	struct subscription_request r = { 0 };

	buf_adds(&query, "rooms=lobby&ticket=");
	assert_int_equal(
	    tickets_make(s->fixture->db,
		&(struct ticket){ s->kim, fake_clock_wall + 1000, 0 }, &query),
	    DB_OK);
	r.query = buf_str(&query);
	assert_int_equal(subscriber_ask(s, &r), DB_OK);
	assert_int_equal(s->sub.user.n, s->kim.n);
	r.token = s->lees_token.s;
	assert_int_equal(subscriber_ask(s, &r), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_NOT_IN_ROOM);
	r.token = NULL;
	fake_clock_lease += 1001;
	assert_int_equal(subscriber_ask(s, &r), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_TOKEN_INVALID);
	buf_done(&query);
}

static const struct {
	const char *as, *accept;
	const struct protocol *protocol;
} forms[] = {
	{ "", NULL, &poll_protocol },
	{ "", "*/*", &poll_protocol },
	{ "", "application/json", &poll_protocol },
	{ "", "text/event-stream", &sse_protocol },
	{ "", "Text/Event-Stream", &sse_protocol },
	{ "", "text/html, text/event-stream;q=0.9", &sse_protocol },
	{ "", "application/x-ndjson", &ndjson_protocol },
	{ "&as=", "text/event-stream", &sse_protocol },
	{ "&as=json", "text/event-stream", &poll_protocol },
	{ "&as=sse", NULL, &sse_protocol },
	{ "&as=ndjson", "text/event-stream", &ndjson_protocol },
};

static void
the_form_follows_accept_and_as_overrides_it(void **state)
{
	struct subscriber *s = *state;
	struct buf query = BUF_INIT;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct subscription_request r = { .token = s->kims_token.s,
			.accept = forms[i].accept };

		buf_clear(&query);
		buf_addf(&query, "rooms=lobby%s", forms[i].as);
		r.query = buf_str(&query);
		assert_int_equal(subscriber_ask(s, &r), DB_OK);
		assert_ptr_equal(s->sub.protocol, forms[i].protocol);
	}
	buf_done(&query);
}

static void
B3_an_empty_parameter_is_none(void **state)
{
	static const char query[] = "rooms=lobby&as=&wait=&conn=&cursor="
				    "&last_event_id=&lastEventId=&ticket=";
	struct subscriber *s = *state;

	assert_int_equal(subscriber_query(s, query), DB_OK);
	assert_ptr_equal(s->sub.protocol, &poll_protocol);
	assert_int_equal(s->sub.wait, 25000);
	assert_string_equal(s->sub.conn, "poll");
	assert_true(s->sub.recovered && s->sub.cursor == s->log.head);
	assert_int_equal(
	    subscriber_query(s, "rooms=lobby&last_event_id=&cursor=earliest"),
	    DB_OK);
	assert_true(s->sub.cursor == s->log.floor);
	subscriber_assert_refused(
	    s, "rooms=lobby&cursor=&cursor=latest", PROBLEM_MALFORMED_CURSOR);
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
	struct subscriber *s = *state;

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(subscriber_query(s, waits[i].query), DB_OK);
		assert_int_equal(s->sub.wait, waits[i].wait);
	}
}

static void
a_connection_is_called_as_it_wishes_or_poll_or_something_new(void **state)
{
	struct subscriber *s = *state;
	char first[CONN_MAX + 1];

	assert_int_equal(
	    subscriber_query(s, "rooms=lobby&conn=tab_1-x"), DB_OK);
	assert_string_equal(s->sub.conn, "tab_1-x");
	assert_int_equal(subscriber_query(s, "rooms=lobby"), DB_OK);
	assert_string_equal(s->sub.conn, "poll");
	assert_int_equal(subscriber_query(s, "rooms=lobby&as=sse"), DB_OK);
	(void)snprintf(first, sizeof(first), "%s", s->sub.conn);
	assert_int_equal(ids_check_conn(first), 0);
	assert_int_equal(subscriber_query(s, "rooms=lobby&as=sse"), DB_OK);
	assert_string_not_equal(s->sub.conn, first);
}

static void
a_room_named_twice_is_heard_once_and_the_own_queue_always(void **state)
{
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	struct subscriber *s = *state;

	assert_int_equal(
	    subscriber_query(s, "rooms=lobby,cellar,lobby"), DB_OK);
	assert_int_equal(s->sub.n, 2);
	assert_int_equal(subscription_scopes(&s->sub, scopes), 3);
	assert_int_equal(scopes[0].type, SCOPE_ROOM);
	assert_int_equal(scopes[0].id, s->lobby.id.n);
	assert_int_equal(scopes[1].id, s->cellar.id.n);
	assert_int_equal(scopes[2].type, SCOPE_USER);
	assert_int_equal(scopes[2].id, s->kim.n);
}

static void
without_rooms_the_own_queue_is_heard_alone(void **state)
{
	static const char *const queries[] = { "", "rooms=", "as=sse" };
	struct scope scopes[SUBSCRIPTION_ROOMS_MAX + 1];
	struct subscriber *s = *state;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		assert_int_equal(subscriber_query(s, queries[i]), DB_OK);
		assert_int_equal(subscription_scopes(&s->sub, scopes), 1);
		assert_int_equal(scopes[0].type, SCOPE_USER);
		assert_int_equal(scopes[0].id, s->kim.n);
	}
}

/* Gives kim a seat in one room more than a request may name. */
static void
make_rooms(struct subscriber *s)
{
	char name[ROOM_NAME_MAX + 1];

	for (int i = 0; i < SUBSCRIPTION_ROOMS_MAX + 1; i++) {
		struct room room;

		(void)snprintf(name, sizeof(name), "room-%d", i);
		room = make_room(s->fixture, name, s->kim, 2);
		(void)subscriber_seat(s, &room);
	}
}

static void
fifty_rooms_can_be_heard_and_no_more(void **state)
{
	struct subscriber *s = *state;
	struct buf query = BUF_INIT;

	make_rooms(s);
	buf_adds(&query, "rooms=room-0,room-0");
	for (int i = 1; i < SUBSCRIPTION_ROOMS_MAX; i++)
		buf_addf(&query, ",room-%d", i);
	assert_int_equal(subscriber_query(s, buf_str(&query)), DB_OK);
	assert_int_equal(s->sub.n, SUBSCRIPTION_ROOMS_MAX);
	buf_addf(&query, ",room-%d", SUBSCRIPTION_ROOMS_MAX);
	subscriber_assert_refused(
	    s, buf_str(&query), PROBLEM_MALFORMED_REQUEST);
	buf_done(&query);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SUBSCRIBER_TEST(what_is_malformed_or_not_allowed_is_refused),
		SUBSCRIBER_TEST(who_asks_must_be_known),
		SUBSCRIBER_TEST(
		    a_ticket_stands_for_a_token_until_it_expires_and_only_without_one),
		SUBSCRIBER_TEST(the_form_follows_accept_and_as_overrides_it),
		SUBSCRIBER_TEST(B3_an_empty_parameter_is_none),
		SUBSCRIBER_TEST(a_poll_waits_25_s_or_as_it_wishes_up_to_35),
		SUBSCRIBER_TEST(
		    a_connection_is_called_as_it_wishes_or_poll_or_something_new),
		SUBSCRIBER_TEST(
		    a_room_named_twice_is_heard_once_and_the_own_queue_always),
		SUBSCRIBER_TEST(without_rooms_the_own_queue_is_heard_alone),
		SUBSCRIBER_TEST(fifty_rooms_can_be_heard_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
