/* How many passwords are checked per minute, whoever guesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/base/clock.h"
#include "tests/lib/testapi.h"

enum { MINUTE_MS = 60000, GUESSES = 500, PER_MINUTE = 5 };

static struct {
	struct testapi at;
	int64_t now;
} here;

static int64_t
now(void)
{
	return here.now;
}

static struct reply
post(const char *target, const char *body, const char *address)
{
	struct request r = { .method = METHOD_POST,
		.target = target,
		.headers.content_type = "application/json",
		.address = address,
		.body = body,
		.len = strlen(body) };

	return api_handle(&here.at.api, &r);
}

static int
setup(void **state)
{
	struct reply r;

	(void)state;
	here.now = 1795167000123;
	clock_wall = now;
	clock_lease = now;
	testapi_open(&here.at);
	r = post("/api/v1/rooms", "{\"id\":\"ops\",\"password\":\"sesame\"}",
	    "192.0.2.1");
	assert_int_equal(r.status, 201);
	reply_done(&r);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	testapi_close(&here.at);
	return 0;
}

/*
 * Returns 1 if the password was checked; otherwise SECONDS is how long to wait.
 */
static int
guess(const char *address, int *seconds)
{
	struct reply r = post(
	    "/api/v1/rooms/ops/chatters", "{\"password\":\"wrong\"}", address);
	int looked = r.status == 403;

	if (!looked)
		assert_int_equal(r.status, 429);
	*seconds = r.retry_after;
	reply_done(&r);
	return looked;
}

/* How many of the guesses within a minute are checked. */
static int
minute(const char *address)
{
	int looked = 0, seconds;

	for (int i = 0; i < GUESSES; i++) {
		looked += guess(address, &seconds);
		here.now += MINUTE_MS / GUESSES;
	}
	return looked;
}

static void
in_any_minute_no_more_are_looked_at_than_the_setting_says(void **state)
{
	int seconds;

	(void)state;
	assert_int_equal(minute("192.0.2.1"), PER_MINUTE);
	assert_int_equal(minute("192.0.2.1"), 1);
	assert_int_equal(guess("192.0.2.1", &seconds), 1);
	assert_int_equal(guess("192.0.2.1", &seconds), 0);
	assert_int_equal(seconds, MINUTE_MS / 1000);
	here.now += MINUTE_MS - 1;
	assert_int_equal(guess("192.0.2.1", &seconds), 0);
	assert_int_equal(seconds, 1);
	assert_int_equal(guess("192.0.2.2", &seconds), 1);
	here.now += (int64_t)PER_MINUTE * MINUTE_MS;
	assert_int_equal(minute("192.0.2.1"), PER_MINUTE);
}

static void
who_has_no_address_is_one(void **state)
{
	int seconds;

	(void)state;
	here.now += (int64_t)PER_MINUTE * MINUTE_MS;
	for (int i = 0; i < PER_MINUTE; i++)
		assert_int_equal(guess(i % 2 ? NULL : "", &seconds), 1);
	assert_int_equal(guess(NULL, &seconds), 0);
	assert_int_equal(guess("unknown", &seconds), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    in_any_minute_no_more_are_looked_at_than_the_setting_says),
		cmocka_unit_test(who_has_no_address_is_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
