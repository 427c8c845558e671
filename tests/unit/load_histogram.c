/* The load generator's counters: the histogram, and sequences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/load/histogram.h"
#include "tests/load/mark.h"
#include "tests/load/seen.h"

static struct histogram h;

static void
a_histogram_of_nothing_is_zero_throughout(void **state)
{
	(void)state;
	histogram_clear(&h);
	assert_int_equal(histogram_at(&h, 0.5), 0);
	assert_int_equal(histogram_at(&h, 1), 0);
}

static void
small_values_are_kept_exactly(void **state)
{
	(void)state;
	histogram_clear(&h);
	for (int64_t i = 1; i <= 100; i++)
		histogram_add(&h, i);
	assert_int_equal(histogram_at(&h, 0.5), 50);
	assert_int_equal(histogram_at(&h, 0.99), 99);
	assert_int_equal(histogram_at(&h, 0.991), 100);
	assert_int_equal(histogram_at(&h, 1), 100);
	assert_int_equal(histogram_at(&h, 0), 1);
}

static void
any_value_is_told_to_a_hundredth(void **state)
{
	(void)state;
	for (int64_t value = 1; value < INT64_MAX / 3; value = value * 3 + 1) {
		int64_t told;

		histogram_clear(&h);
		histogram_add(&h, value);
		histogram_add(&h, INT64_MAX);
		told = histogram_at(&h, 0.5);
		assert_true(told >= value);
		assert_true(told - value <= value / 100);
	}
}

static void
the_greatest_value_is_exact_and_no_part_exceeds_it(void **state)
{
	(void)state;
	histogram_clear(&h);
	for (int i = 0; i < 1000; i++)
		histogram_add(&h, 123456789);
	assert_int_equal(histogram_at(&h, 1), 123456789);
	assert_int_equal(histogram_at(&h, 0.999), 123456789);
	assert_int_equal(histogram_at(&h, 0.5), 123456789);
}

static void
one_slow_among_a_thousand_shows_behind_p99(void **state)
{
	(void)state;
	histogram_clear(&h);
	for (int i = 0; i < 999; i++)
		histogram_add(&h, 1000);
	histogram_add(&h, 50000000);
	assert_true(histogram_at(&h, 0.99) < 1010);
	assert_true(histogram_at(&h, 0.9991) > 49000000);
}

static void
a_time_before_its_beginning_counts_as_none(void **state)
{
	(void)state;
	histogram_clear(&h);
	histogram_add(&h, -5);
	assert_int_equal(h.n, 1);
	assert_int_equal(histogram_at(&h, 1), 0);
}

static void
a_number_is_new_then_again(void **state)
{
	struct seen s = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(seen_note(&s, i), SEEN_NEW);
		assert_int_equal(seen_note(&s, i), SEEN_AGAIN);
	}
	assert_int_equal(seen_note(&s, 0), SEEN_AGAIN);
}

static void
a_number_that_was_passed_over_comes_late_once(void **state)
{
	struct seen s = { 0 };

	(void)state;
	assert_int_equal(seen_note(&s, 0), SEEN_NEW);
	assert_int_equal(seen_note(&s, 3), SEEN_NEW);
	assert_int_equal(seen_note(&s, 1), SEEN_LATE);
	assert_int_equal(seen_note(&s, 1), SEEN_AGAIN);
	assert_int_equal(seen_note(&s, 63), SEEN_NEW);
	assert_int_equal(seen_note(&s, 2), SEEN_LATE);
	assert_int_equal(seen_note(&s, 3), SEEN_AGAIN);
	assert_int_equal(seen_note(&s, 4000000000), SEEN_NEW);
	assert_int_equal(seen_note(&s, 62), SEEN_AGAIN);
	assert_int_equal(seen_note(&s, 3999999999), SEEN_LATE);
}

static void
a_mark_is_found_again_among_other_text(void **state)
{
	const struct mark m = { 0xabcdef, 0x1234, 0xfedcba98,
		0x0123456789abcdef };
	struct mark found;
	char text[200] = "data: ~ ~~";
	size_t at = strlen(text);
	const char *end;

	(void)state;
	mark_write(text + at, &m);
	memcpy(text + at + MARK_LEN, "~xx", 4);
	end = mark_find(text, text + strlen(text), &found);
	assert_ptr_equal(end, text + at + MARK_LEN);
	assert_int_equal(found.room, m.room);
	assert_int_equal(found.publisher, m.publisher);
	assert_int_equal(found.number, m.number);
	assert_int_equal(found.time, m.time);
	assert_null(mark_find(end, text + strlen(text), &found));
	assert_null(mark_find(text, text + at + MARK_LEN - 1, &found));
	text[at + 4] = 'g';
	assert_null(mark_find(text, text + strlen(text), &found));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_histogram_of_nothing_is_zero_throughout),
		cmocka_unit_test(small_values_are_kept_exactly),
		cmocka_unit_test(any_value_is_told_to_a_hundredth),
		cmocka_unit_test(
		    the_greatest_value_is_exact_and_no_part_exceeds_it),
		cmocka_unit_test(one_slow_among_a_thousand_shows_behind_p99),
		cmocka_unit_test(a_time_before_its_beginning_counts_as_none),
		cmocka_unit_test(a_number_is_new_then_again),
		cmocka_unit_test(a_number_that_was_passed_over_comes_late_once),
		cmocka_unit_test(a_mark_is_found_again_among_other_text),
	};

	return cmocka_run_group_tests_name("load_histogram", tests, NULL, NULL);
}
