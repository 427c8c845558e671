/* The hub holds a bounded number of bytes for readers, and loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "db/base/limits.h"
#include "db/rows/events.h"
#include "poller/proto/websocket.h"
#include "tests/lib/testhub.h"

enum {
	LONG_BYTES = 16 * 1024,
	FITS = LIST_BYTES_MAX / LONG_BYTES - 1, /* with what is around it */
	SLACK = 4096 /* the head and the beginning of an answer */
};

/* Events as long as messages may be. */
static enum db_rc
append_long(struct db *db, void *arg)
{
	const struct testhub_events *m = arg;
	enum db_rc rc = DB_OK;

	for (int i = m->from; rc == DB_OK && i < m->from + m->n; i++) {
		struct buf data = BUF_INIT;

		buf_addf(
		    &data, "{\"n\":%d,\"pad\":\"%0*d\"}", i, LONG_BYTES, 0);
		rc = events_append(
		    db, testhub_room, EVENT_MESSAGE, &data, m->ends);
		buf_done(&data);
	}
	return rc;
}

static void
add_long(struct testhub *h, int from, int n)
{
	struct testhub_events m = { from, n, EVENT_ENDS_NOBODY };

	assert_int_equal(db_write(store_db(h->store), append_long, &m), DB_OK);
}

/* Reads an answer; it must have the numbers behind *AT, as many as fit. */
static int
check_answer(int fd, int64_t *at, int upto)
{
	struct buf heard = BUF_INIT;
	const char *cursor;
	int64_t said;
	int more;

	testhub_read(fd, NULL, &heard);
	(void)close(fd);
	assert_true(heard.len <= LIST_BYTES_MAX + SLACK);
	more = strstr(heard.p, "\"more\":true}") != NULL;
	cursor = strstr(heard.p, "\"cursor\":\"");
	assert_non_null(cursor);
	cursor += sizeof("\"cursor\":\"") - 1;
	said = strtoll(strchr(cursor, '-') + 1, NULL, 10);
	testhub_assert_numbers(&heard, (int)*at + 1, (int)said);
	assert_int_equal(said, more ? *at + FITS : upto);
	*at = said;
	buf_done(&heard);
	return more;
}

static void
p4_a_waiting_poll_gets_what_fits_and_the_rest_when_it_comes_back(void **state)
{
	enum { N = 2 * FITS + 1 };
	struct testhub *h = *state;
	int64_t at = 0;
	int fd = testhub_subscribe(h, &poll_protocol, 0);

	add_long(h, 1, N);
	assert_int_equal(check_answer(fd, &at, N), 1);
	fd = testhub_subscribe(h, &poll_protocol, at);
	assert_int_equal(check_answer(fd, &at, N), 1);
	fd = testhub_subscribe(h, &poll_protocol, at);
	assert_int_equal(check_answer(fd, &at, N), 0);
}

static void
p4_a_poll_from_before_the_ring_gets_what_fits_from_the_store(void **state)
{
	enum { N = 2 * TESTHUB_RING };
	struct testhub *h = *state;
	int64_t at = 0;
	int more = 1;

	add_long(h, 1, N);
	while (more)
		more = check_answer(
		    testhub_subscribe(h, &poll_protocol, at), &at, N);
	assert_int_equal(at, N);
}

static void
p4_a_stream_is_replayed_in_portions_without_gap_or_repeat(void **state)
{
	static const struct protocol *const streams[] = { &sse_protocol,
		&ndjson_protocol };
	enum { N = 100 };
	struct testhub *h = *state;
	char last[32];

	add_long(h, 1, N);
	(void)snprintf(last, sizeof(last), "{\"n\":%d,", N + 1);
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		struct buf heard = BUF_INIT;
		int fd = testhub_subscribe(h, streams[i], 0);

		if (i == 0)
			add_long(h, N + 1, 1);
		testhub_read(fd, last, &heard);
		testhub_assert_numbers(&heard, 1, N + 1);
		buf_done(&heard);
		(void)close(fd);
	}
}

enum {
	SLOW_ONES = 40,
	OFTEN = 30, /* long events: more than the kernel takes for a reader */
	MAY_WAIT = 100 * 1024,
	PORTION = 64 * 1024 /* the most that one of them holds */
};

/* Waits until the hub has closed N of the streams. */
static void
await_ends(const int *slow, int n)
{
	struct pollfd open[SLOW_ONES];

	for (int i = 0; i < SLOW_ONES; i++)
		open[i] = (struct pollfd){ slow[i], POLLRDHUP, 0 };
	while (n > 0) {
		assert_true(poll(open, SLOW_ONES, TESTHUB_LIMIT_MS) > 0);
		for (int i = 0; i < SLOW_ONES; i++)
			if (open[i].fd >= 0 && open[i].revents != 0) {
				open[i].fd = -1;
				n--;
			}
	}
}

/*
 * Streams that read nothing, for which at most MOST bytes wait, and one of
 * another address that reads all.
 */
static void
besiege(struct testhub *h, int *slow, const struct protocol *protocol,
    uint64_t most)
{
	struct request_quota_counts waiting;
	struct buf heard = BUF_INIT;
	char last[32];
	int well;

	h->distinct = 1;
	h->address = 7;
	for (int i = 0; i < SLOW_ONES; i++)
		slow[i] = testhub_subscribe(h, protocol, 0);
	h->address = 8;
	well = testhub_subscribe(h, &sse_protocol, 0);
	for (int i = 1; i <= OFTEN; i++) {
		add_long(h, i, 1);
		(void)snprintf(last, sizeof(last), "{\"n\":%d,", i);
		testhub_read(well, last, &heard);
		request_quota_count(h->waiting, &waiting);
		assert_true(waiting.bytes <= most);
	}
	testhub_assert_numbers(&heard, 1, OFTEN);
	buf_done(&heard);
	(void)close(well);
}

static void
end_slow(const int *slow)
{
	for (int i = 0; i < SLOW_ONES; i++)
		(void)close(slow[i]);
}

static void
p9_slow_streams_of_an_address_hold_no_more_bytes_than_it_may(void **state)
{
	struct testhub *h = *state;
	int slow[SLOW_ONES];

	h->settings.answers_bytes_per_address = MAY_WAIT;
	besiege(h, slow, &sse_protocol, MAY_WAIT + PORTION);
	await_ends(slow, SLOW_ONES / 2);
	end_slow(slow);
}

static void
p9_slow_streams_hold_no_more_bytes_than_all_may(void **state)
{
	struct testhub *h = *state;
	int slow[SLOW_ONES];

	h->settings.answers_bytes_per_address = 0;
	h->settings.answers_bytes = MAY_WAIT;
	besiege(h, slow, &websocket_protocol, MAY_WAIT + PORTION);
	await_ends(slow, SLOW_ONES / 2);
	end_slow(slow);
}

/* Long before it counts as stalled. */
static void
p9_a_stream_that_takes_less_than_answer_bytes_s_is_cut_off(void **state)
{
	struct testhub *h = *state;
	int slow[SLOW_ONES];

	h->settings.request_deadline_ms = 200;
	h->settings.answer_bytes_s = 1000000;
	besiege(h, slow, &sse_protocol, (uint64_t)SLOW_ONES * PORTION);
	await_ends(slow, SLOW_ONES);
	end_slow(slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TESTHUB_TEST(
		    p4_a_waiting_poll_gets_what_fits_and_the_rest_when_it_comes_back),
		TESTHUB_TEST(
		    p4_a_poll_from_before_the_ring_gets_what_fits_from_the_store),
		TESTHUB_TEST(
		    p4_a_stream_is_replayed_in_portions_without_gap_or_repeat),
		TESTHUB_TEST(
		    p9_slow_streams_of_an_address_hold_no_more_bytes_than_it_may),
		TESTHUB_TEST(p9_slow_streams_hold_no_more_bytes_than_all_may),
		TESTHUB_TEST(
		    p9_a_stream_that_takes_less_than_answer_bytes_s_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
