/* The one string type: it grows, ends with a NUL and can be used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>

#include "db/base/buf.h"

static void
an_empty_buffer_is_an_empty_string(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_str(&b), "");
	buf_done(&b);
}

static void
what_is_added_stands_one_after_the_other_with_a_nul_behind(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "a");
	buf_addc(&b, ',');
	buf_addi(&b, INT64_MIN);
	buf_addf(&b, ",%s-%d", "x", 7);
	assert_string_equal(buf_str(&b), "a,-9223372036854775808,x-7");
	assert_int_equal(b.p[b.len], '\0');
	buf_done(&b);
	assert_null(b.p);
}

static void
a_nul_inside_is_a_byte_like_others(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.p, "a\0b", 4);
	buf_done(&b);
}

static void
it_grows_over_any_size_and_keeps_the_bytes(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.p[i], 'a' + (int)(i % 26));
	buf_done(&b);
}

static void
a_cleared_buffer_keeps_its_memory_and_nothing_else(void **state)
{
	struct buf b = BUF_INIT;
	const char *before;

	(void)state;
	buf_adds(&b, "text");
	before = b.p;
	buf_clear(&b);
	assert_string_equal(buf_str(&b), "");
	buf_adds(&b, "x");
	assert_ptr_equal(b.p, before);
	assert_string_equal(buf_str(&b), "x");
	buf_done(&b);
}

static void
space_is_written_by_the_caller(void **state)
{
	struct buf b = BUF_INIT;
	char *to;

	(void)state;
	buf_adds(&b, "ab");
	to = buf_space(&b, 300);
	memset(to, 'c', 300);
	b.len += 300;
	buf_addc(&b, 'd');
	assert_int_equal(b.len, 303);
	assert_memory_equal(b.p + 300, "ccd", 4);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(
		    what_is_added_stands_one_after_the_other_with_a_nul_behind),
		cmocka_unit_test(a_nul_inside_is_a_byte_like_others),
		cmocka_unit_test(it_grows_over_any_size_and_keeps_the_bytes),
		cmocka_unit_test(
		    a_cleared_buffer_keeps_its_memory_and_nothing_else),
		cmocka_unit_test(space_is_written_by_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
