/* Delivery of a commit that ends a seat or a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "db/rows/events.h"
#include "tests/lib/testhub.h"

static const struct scope queue = { SCOPE_USER, 1 };

enum { PARTS = 3 };

struct writer_batch {
	struct scope scope;
	struct testhub_events parts[PARTS];
};

static enum db_rc
append_parts(struct db *db, void *arg)
{
	const struct writer_batch *b = arg;
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < PARTS; i++) {
		struct testhub_events part = b->parts[i];

		rc = testhub_append_to(
		    db, part.ends != 0 ? b->scope : testhub_room, &part);
	}
	return rc;
}

/*
 * One commit: N events of the room, then one of SCOPE with ENDS, then N of the
 * room again.
 */
static void
happen_around(
    struct testhub *h, int from, int n, struct scope scope, int64_t ends)
{
	struct writer_batch b = { scope,
		{ { from, n, EVENT_ENDS_NOBODY }, { from + n, 1, ends },
		    { from + n + 1, n, EVENT_ENDS_NOBODY } } };

	assert_int_equal(db_write(store_db(h->store), append_parts, &b), DB_OK);
}

/* A commit of more events than the ring holds is read from the store. */
enum { FROM_RING = 2, FROM_STORE = 30 };

static const int sizes[] = { FROM_RING, FROM_STORE };
static const struct protocol *const all[] = { &sse_protocol, &ndjson_protocol,
	&poll_protocol };

/* Checks what a subscriber receives of one commit around an event with ENDS. */
static void
assert_ends(struct testhub *h, const struct protocol *protocol, int n,
    struct scope scope, int64_t ends, int *from)
{
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, protocol, *from - 1);

	if (protocol != &poll_protocol)
		testhub_read(fd, "sync", &heard);
	happen_around(h, *from, n, scope, ends);
	testhub_read(fd, NULL, &heard);
	testhub_assert_numbers(&heard, *from, *from + n);
	assert_non_null(
	    strstr(heard.p, protocol == &poll_protocol ? "\"cursor\"" : "bye"));
	buf_done(&heard);
	(void)close(fd);
	*from += 2 * n + 1;
}

static void
E2_nothing_behind_the_end_of_a_seat_in_the_same_commit_is_heard(void **state)
{
	static const int64_t ends[] = { TESTHUB_CHATTER,
		EVENT_ENDS_REMOVED(TESTHUB_CHATTER), EVENT_ENDS_ALL,
		EVENT_ENDS_EXPIRED };
	int from = 1;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		for (size_t j = 0; j < sizeof(all) / sizeof(*all); j++)
			for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes);
			     k++)
				assert_ends(*state, all[j], sizes[k],
				    testhub_room, ends[i], &from);
}

static void
E2_nothing_behind_a_sign_out_in_the_same_commit_is_heard_by_a_stream(
    void **state)
{
	int from = 1;

	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		assert_ends(*state, &sse_protocol, sizes[k], queue,
		    EVENT_ENDS_ALL, &from);
		assert_ends(*state, &ndjson_protocol, sizes[k], queue,
		    events_ends_conn(""), &from);
	}
}

/* The event ends the wait, so the answer holds the rest of the commit. */
static void
E2_a_waiting_poll_gets_one_whole_answer_when_its_goodbye_comes(void **state)
{
	struct testhub *h = *state;
	int from = 1;

	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		int n = sizes[k],
		    fd = testhub_subscribe(h, &poll_protocol, from - 1);
		struct buf heard = BUF_INIT, end = BUF_INIT;

		happen_around(h, from, n, queue, events_ends_conn(""));
		testhub_read(fd, NULL, &heard);
		from += 2 * n + 1;
		testhub_assert_numbers(&heard, from - 2 * n - 1, from - 1);
		assert_null(strstr(heard.p + 1, "HTTP/1.1"));
		buf_addf(&end, "-%d\",\"more\":false}", from - 1);
		assert_non_null(strstr(heard.p, buf_str(&end)));
		buf_done(&end);
		buf_done(&heard);
		(void)close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TESTHUB_TEST(
		    E2_nothing_behind_the_end_of_a_seat_in_the_same_commit_is_heard),
		TESTHUB_TEST(
		    E2_nothing_behind_a_sign_out_in_the_same_commit_is_heard_by_a_stream),
		TESTHUB_TEST(
		    E2_a_waiting_poll_gets_one_whole_answer_when_its_goodbye_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
