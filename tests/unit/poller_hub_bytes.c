/* The hub holds a bounded number of bytes for a reader, and loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "db/base/limits.h"
#include "db/rows/events.h"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
