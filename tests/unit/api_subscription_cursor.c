/* Where a subscription begins: the cursor of a request for events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "db/rows/events.h"
#include "tests/lib/subscriber.h"

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
happened(struct subscriber *s, const struct room *room, int n, int64_t keep)
{
	struct happening h = { { SCOPE_ROOM, room->id.n }, n, keep };

	assert_int_equal(db_write(s->fixture->db, happen, &h), DB_OK);
}

/*
 * Fails unless kim's request with QUERY begins at CURSOR, with RECOVERED. In
 * QUERY '@' stands for the epoch, and '#' before a digit counts, as CURSOR
 * does, from the head before the events of the test.
 */
static void
check_cursor(
    struct subscriber *s, const char *query, int64_t cursor, int recovered)
{
	struct buf b = BUF_INIT;
	int64_t base = s->log.head;

	for (const char *q = query; *q != '\0'; q++) {
		char *end;

		if (*q == '@') {
			buf_addf(&b, "%s-", s->log.epoch);
		} else if (*q == '#') {
			buf_addi(&b, base + strtoll(q + 1, &end, 10));
			q = end - 1;
		} else
			buf_addc(&b, *q);
	}
	assert_int_equal(subscriber_query(s, buf_str(&b)), DB_OK);
	if (s->sub.cursor != base + cursor || s->sub.recovered != recovered)
		fail_msg("%s: %" PRId64 ", recovered %d", buf_str(&b),
		    s->sub.cursor - base, s->sub.recovered);
	assert_int_equal(strcmp(s->sub.log.epoch, s->log.epoch), 0);
	buf_done(&b);
}

/*
 * The events are lobby 1 to 4, cellar 5 and 6, attic 7, counted from that head.
 */
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
	struct subscriber *s = *state;

	happened(s, &s->lobby, 4, -1);
	happened(s, &s->cellar, 2, -1);
	happened(s, &s->attic, 1, -1);
	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++)
		if (positions[i].recovered >= 0)
			check_cursor(s, positions[i].query, positions[i].cursor,
			    positions[i].recovered);
		else
			subscriber_assert_refused(
			    s, positions[i].query, PROBLEM_MALFORMED_CURSOR);
}

static void
the_header_comes_before_every_parameter_unless_it_is_empty(void **state)
{
	struct subscriber *s = *state;
	struct subscription_request r = { .query =
					      "rooms=lobby&cursor=earliest",
		.token = s->kims_token.s,
		.last_event_id = "latest" };

	happened(s, &s->lobby, 1, -1);
	assert_int_equal(subscriber_ask(s, &r), DB_OK);
	assert_int_equal(s->sub.cursor, s->sub.log.head);
	r.last_event_id = "";
	assert_int_equal(subscriber_ask(s, &r), DB_OK);
	assert_int_equal(s->sub.cursor, s->sub.log.floor);
	r.last_event_id = "nonsense";
	assert_int_equal(subscriber_ask(s, &r), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_MALFORMED_CURSOR);
}

static void
a_cursor_of_another_epoch_means_reload(void **state)
{
	struct subscriber *s = *state;
	const char *other = strcmp(s->log.epoch, "00000000") != 0 ?
	    "rooms=lobby&cursor=00000000-0" :
	    "rooms=lobby&cursor=00000001-0";

	assert_int_equal(subscriber_query(s, other), DB_OK);
	assert_int_equal(s->sub.recovered, 0);
	assert_int_equal(s->sub.cursor, s->sub.log.head);
}

static void
what_has_been_pruned_cannot_be_resumed(void **state)
{
	struct subscriber *s = *state;

	happened(s, &s->lobby, 10, 4);
	check_cursor(s, "rooms=lobby&cursor=@#5", 10, 0);
	check_cursor(s, "rooms=lobby&cursor=@#6", 6, 1);
	check_cursor(s, "rooms=lobby&cursor=earliest", 6, 1);
	check_cursor(s, "rooms=lobby&cursor=-2", 8, 1);
	check_cursor(s, "rooms=lobby&cursor=-9", 6, 1);
	happened(s, &s->lobby, 0, 0);
	check_cursor(s, "rooms=lobby&cursor=@#10", 10, 1);
	check_cursor(s, "rooms=lobby&cursor=earliest", 10, 1);
	check_cursor(s, "rooms=lobby&cursor=-2", 10, 1);
}

static void
who_is_too_far_behind_in_the_own_rooms_reloads(void **state)
{
	struct subscriber *s = *state;

	happened(s, &s->attic, 5 * SUBSCRIBER_REPLAY_MAX, -1);
	check_cursor(s, "rooms=lobby&cursor=@#0", 0, 1);
	happened(s, &s->lobby, SUBSCRIBER_REPLAY_MAX, -1);
	check_cursor(s, "rooms=lobby&cursor=@#0", 0, 1);
	happened(s, &s->lobby, 1, -1);
	check_cursor(
	    s, "rooms=lobby&cursor=@#0", 6 * SUBSCRIBER_REPLAY_MAX + 1, 0);
	check_cursor(
	    s, "rooms=lobby&cursor=-999999", 5 * SUBSCRIBER_REPLAY_MAX + 1, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SUBSCRIBER_TEST(one_goes_on_where_one_was),
		SUBSCRIBER_TEST(
		    the_header_comes_before_every_parameter_unless_it_is_empty),
		SUBSCRIBER_TEST(a_cursor_of_another_epoch_means_reload),
		SUBSCRIBER_TEST(what_has_been_pruned_cannot_be_resumed),
		SUBSCRIBER_TEST(who_is_too_far_behind_in_the_own_rooms_reloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
