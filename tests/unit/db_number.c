/* A number is digits with an optional minus sign, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/base/number.h"

static const struct {
	const char *text;
	int64_t n;
} taken[] = {
	{ "0", 0 },
	{ "-0", 0 },
	{ "7", 7 },
	{ "007", 7 },
	{ "-12", -12 },
	{ "9223372036854775807", INT64_MAX },
	{ "-9223372036854775808", INT64_MIN },
};

static void
E6_a_number_is_read_to_its_last_digit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		int64_t n = 1;

		assert_int_equal(
		    number_read(taken[i].text, INT64_MIN, INT64_MAX, &n),
		    NUMBER_OK);
		assert_true(n == taken[i].n);
	}
}

static const char *const malformed[] = { "", " ", "-", "+", "+5", "--5", " 5",
	"5 ", "5\n", "\t5", "5x", "500x", "500ms", "5 ms", "x5", "5.0", "5,0",
	"5e3", "0x10", "1_000", "1 000", "1'000", "٣", "²", "NaN", "inf",
	"99999999999999999999x" };

static void
E6_a_number_with_anything_beside_it_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		int64_t n = 77;

		if (number_read(malformed[i], INT64_MIN, INT64_MAX, &n) !=
			NUMBER_MALFORMED ||
		    n != 77)
			fail_msg("taken: \"%s\"", malformed[i]);
	}
}

static const struct {
	const char *text;
	int64_t min, max;
	enum number_rc rc;
} bounds[] = {
	{ "1", 1, 9, NUMBER_OK },
	{ "9", 1, 9, NUMBER_OK },
	{ "0", 1, 9, NUMBER_TOO_SMALL },
	{ "-1", 0, 9, NUMBER_TOO_SMALL },
	{ "10", 1, 9, NUMBER_TOO_LARGE },
	{ "4294967297", 1, 9, NUMBER_TOO_LARGE },
	{ "9223372036854775808", 0, INT64_MAX, NUMBER_TOO_LARGE },
	{ "18446744073709551617", 0, INT64_MAX, NUMBER_TOO_LARGE },
	{ "99999999999999999999999999", 0, INT64_MAX, NUMBER_TOO_LARGE },
	{ "-9223372036854775809", INT64_MIN, 0, NUMBER_TOO_SMALL },
	{ "-99999999999999999999999999", INT64_MIN, 0, NUMBER_TOO_SMALL },
};

static void
D4_a_number_beyond_its_bounds_is_never_another_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		int64_t n = 77;

		assert_int_equal(number_read(bounds[i].text, bounds[i].min,
				     bounds[i].max, &n),
		    bounds[i].rc);
		if (bounds[i].rc != NUMBER_OK)
			assert_true(n == 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(E6_a_number_is_read_to_its_last_digit),
		cmocka_unit_test(E6_a_number_with_anything_beside_it_is_none),
		cmocka_unit_test(
		    D4_a_number_beyond_its_bounds_is_never_another_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
