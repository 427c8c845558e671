/* The limits of one address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "poller/connection_quota.h"
#include "poller/request_quota.h"
#include "poller/stream_quota.h"
#include "poller/tally.h"
#include "tests/lib/fake_clock.h"

static void
a_tally_keeps_what_was_added_for_each_key(void **state)
{
	enum { KEYS = 50000 };
	struct tally *t = tally_open();

	(void)state;
	for (uint64_t key = 0; key < KEYS; key++)
		tally_add(t, key, (int64_t)key + 1);
	for (uint64_t key = 0; key < KEYS; key++)
		tally_add(t, key, -1);
	for (uint64_t key = 0; key < KEYS; key++)
		assert_int_equal(tally_of(t, key), key);
	assert_int_equal(tally_of(t, KEYS), 0);
	for (uint64_t key = 1; key < KEYS; key++)
		tally_add(t, key, -(int64_t)key);
	tally_close(t);
}

static void
connections_are_limited_for_each_address_and_not_without_one(void **state)
{
	struct connection_quota *q = connection_quota_open(2);

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_int_equal(connection_quota_take(q, 0), 0);
	assert_int_equal(connection_quota_take(q, 7), 0);
	assert_int_equal(connection_quota_take(q, 7), 0);
	assert_int_equal(connection_quota_take(q, 7), -1);
	assert_int_equal(connection_quota_take(q, 8), 0);
	assert_int_equal(connection_quota_refused(q), 1);
	connection_quota_give(q, 0);
	connection_quota_give(q, 7);
	assert_int_equal(connection_quota_take(q, 7), 0);
	assert_int_equal(connection_quota_take(q, 7), -1);
	connection_quota_give(q, 7);
	connection_quota_give(q, 7);
	connection_quota_give(q, 8);
	connection_quota_close(q);
}

static void
streams_are_limited_for_a_person_and_an_address_and_in_all(void **state)
{
	static const struct {
		struct stream_quota_owner owner;
		enum stream_quota_rc rc;
	} taken[] = {
		{ { 1, 10 }, STREAM_QUOTA_OK },
		{ { 1, 11 }, STREAM_QUOTA_OK },
		{ { 1, 12 }, STREAM_QUOTA_PERSON },
		{ { 2, 10 }, STREAM_QUOTA_OK },
		{ { 3, 10 }, STREAM_QUOTA_OK },
		{ { 4, 10 }, STREAM_QUOTA_PERSON },
		{ { 10, 0 }, STREAM_QUOTA_OK },
		{ { 4, 13 }, STREAM_QUOTA_FULL },
	};
	struct stream_quota_limits limits = { 5, 2, 3 };
	struct stream_quota *q = stream_quota_open(&limits);
	enum { N = sizeof(taken) / sizeof(taken[0]) };

	(void)state;
	for (size_t i = 0; i < N; i++)
		assert_int_equal(
		    stream_quota_take(q, &taken[i].owner), taken[i].rc);
	assert_int_equal(stream_quota_refused(q), 3);
	for (size_t i = 0; i < N; i++)
		if (taken[i].rc == STREAM_QUOTA_OK)
			stream_quota_give(q, &taken[i].owner);
	assert_int_equal(stream_quota_total(q), 0);
	stream_quota_close(q);
}

static struct settings settings;

static void
requests_may_come_at_once_and_then_at_an_even_pace(void **state)
{
	struct request_quota *q;
	struct request_quota_counts counts;

	(void)state;
	settings_default(&settings);
	settings.requests_per_address = 10;
	settings.rate_ms = 1000;
	q = request_quota_open(&settings);
	for (int i = 0; i < 10; i++)
		assert_int_equal(request_quota_take(q, 7), PROBLEM_NONE);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_RATE_LIMITED);
	assert_int_equal(request_quota_take(q, 8), PROBLEM_NONE);
	fake_clock_lease += 99;
	assert_int_equal(request_quota_take(q, 7), PROBLEM_RATE_LIMITED);
	fake_clock_lease += 1;
	assert_int_equal(request_quota_take(q, 7), PROBLEM_NONE);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_RATE_LIMITED);
	fake_clock_lease += 5000;
	for (int i = 0; i < 10; i++)
		assert_int_equal(request_quota_take(q, 7), PROBLEM_NONE);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_RATE_LIMITED);
	for (int i = 0; i < 100; i++)
		assert_int_equal(request_quota_take(q, 0), PROBLEM_NONE);
	request_quota_count(q, &counts);
	assert_int_equal(counts.too_often, 4);
	assert_int_equal(counts.too_much, 0);
	request_quota_close(q);
}

static void
many_addresses_do_not_free_one_that_asks_too_often(void **state)
{
	enum { OTHERS = 100000 };
	struct request_quota *q;

	(void)state;
	settings_default(&settings);
	settings.requests_per_address = 10;
	settings.rate_ms = 1000000;
	q = request_quota_open(&settings);
	for (int i = 0; i < 10; i++)
		assert_int_equal(request_quota_take(q, 7), PROBLEM_NONE);
	for (uint64_t other = 1; other <= OTHERS; other++)
		assert_int_equal(
		    request_quota_take(q, other << 32), PROBLEM_NONE);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_RATE_LIMITED);
	request_quota_close(q);
}

static void
answers_are_limited_in_bytes_for_an_address_and_in_all(void **state)
{
	struct request_quota *q;
	struct request_quota_counts counts;

	(void)state;
	settings_default(&settings);
	settings.answers_bytes = 1000;
	settings.answers_bytes_per_address = 400;
	q = request_quota_open(&settings);
	request_quota_begin(q, 7, 399);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_NONE);
	request_quota_begin(q, 7, 1);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_RATE_LIMITED);
	assert_int_equal(request_quota_take(q, 8), PROBLEM_NONE);
	request_quota_begin(q, 0, 599);
	assert_int_equal(request_quota_take(q, 0), PROBLEM_NONE);
	request_quota_begin(q, 8, 1);
	assert_int_equal(request_quota_take(q, 0), PROBLEM_BUSY);
	assert_int_equal(request_quota_take(q, 9), PROBLEM_BUSY);
	request_quota_end(q, 7, 1);
	assert_int_equal(request_quota_take(q, 7), PROBLEM_NONE);
	request_quota_count(q, &counts);
	assert_int_equal(counts.bytes, 999);
	assert_int_equal(counts.too_much, 3);
	request_quota_end(q, 7, 399);
	request_quota_end(q, 0, 599);
	request_quota_end(q, 8, 1);
	request_quota_close(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tally_keeps_what_was_added_for_each_key),
		cmocka_unit_test(
		    connections_are_limited_for_each_address_and_not_without_one),
		cmocka_unit_test(
		    streams_are_limited_for_a_person_and_an_address_and_in_all),
		cmocka_unit_test(
		    requests_may_come_at_once_and_then_at_an_even_pace),
		cmocka_unit_test(
		    many_addresses_do_not_free_one_that_asks_too_often),
		cmocka_unit_test(
		    answers_are_limited_in_bytes_for_an_address_and_in_all),
	};

	fake_clock_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
