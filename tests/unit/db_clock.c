/* Times in RFC 3339 form, written and read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/base/clock.h"

static const struct {
	const char *text;
	int64_t ms;
} readable[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01T00:00:00.001Z", 1 },
	{ "2026-11-20T09:30:00.123Z", 1795167000123 },
	{ "2026-11-20t09:30:00.123z", 1795167000123 },
	{ "2026-11-20 09:30:00.123Z", 1795167000123 },
	{ "2026-11-20T09:30:00.123456789Z", 1795167000123 },
	{ "2026-11-20T09:30:00.1Z", 1795167000100 },
	{ "2026-11-20T18:30:00.123+09:00", 1795167000123 },
	{ "2026-11-20T04:00:00.123-05:30", 1795167000123 },
	{ "2024-02-29T12:00:00Z", 1709208000000 },
	{ "2000-02-29T00:00:00-00:00", 951782400000 },
	{ "9999-12-31T23:59:59.999Z", 253402300799999 },
};

static const char *const unreadable[] = { "", "2026", "2026-11-20",
	"2026-11-20T09:30Z", "2026-11-20T09:30:00", "2026-11-20T09:30:00.Z",
	"2026-11-20T09:30:00,5Z", "2026-13-01T00:00:00Z",
	"2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
	"2026-11-00T00:00:00Z", "2026-11-32T00:00:00Z", "2026-11-20T24:00:00Z",
	"2026-11-20T09:60:00Z", "2026-11-20T09:30:61Z",
	"2026-11-20T09:30:00+9:00", "2026-11-20T09:30:00+0900",
	"2026-11-20T09:30:00+24:00", "2026-11-20T09:30:00+09:60",
	"2026-11-20T09:30:00Zx", "2026-11-20T09:30:00ZZ",
	"+2026-11-20T09:30:00Z", " 2026-11-20T09:30:00Z",
	"1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "now", "-1" };

static void
every_form_of_rfc_3339_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
		int64_t ms = -1;

		if (clock_parse_rfc3339(readable[i].text, &ms) != 0 ||
		    ms != readable[i].ms)
			fail_msg("%s: %lld", readable[i].text, (long long)ms);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++)
		if (clock_parse_rfc3339(unreadable[i], &ms) == 0)
			fail_msg("taken: %s", unreadable[i]);
}

static void
a_time_is_written_with_milliseconds_and_z(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	clock_add_rfc3339(&b, 1795167000123);
	assert_string_equal(buf_str(&b), "2026-11-20T09:30:00.123Z");
	buf_clear(&b);
	clock_add_rfc3339(&b, 7);
	assert_string_equal(buf_str(&b), "1970-01-01T00:00:00.007Z");
	buf_done(&b);
}

static void
what_is_written_is_read_as_the_same(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms < 4102444800000; ms += 86399999 * 7) {
		struct buf b = BUF_INIT;
		int64_t back = -1;

		clock_add_rfc3339(&b, ms);
		assert_int_equal(clock_parse_rfc3339(buf_str(&b), &back), 0);
		assert_true(back == ms);
		buf_done(&b);
	}
}

static int64_t
fixed(void)
{
	return 42;
}

static void
a_test_sets_the_time_by_a_pointer(void **state)
{
	int64_t (*before)(void) = clock_wall;

	(void)state;
	assert_true(clock_wall() > 1700000000000);
	clock_wall = fixed;
	assert_int_equal(clock_wall(), 42);
	clock_wall = before;
}

static void
lease_time_only_runs_forward(void **state)
{
	int64_t last = clock_lease();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_lease();

		assert_true(now >= last);
		last = now;
	}
}

static void
the_boot_id_is_one_line_that_stays(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	clock_add_boot_id(&a);
	clock_add_boot_id(&b);
	assert_true(a.len > 0);
	assert_null(strchr(buf_str(&a), '\n'));
	assert_string_equal(buf_str(&a), buf_str(&b));
	buf_done(&a);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_rfc_3339_is_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_time_is_written_with_milliseconds_and_z),
		cmocka_unit_test(what_is_written_is_read_as_the_same),
		cmocka_unit_test(a_test_sets_the_time_by_a_pointer),
		cmocka_unit_test(lease_time_only_runs_forward),
		cmocka_unit_test(the_boot_id_is_one_line_that_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
