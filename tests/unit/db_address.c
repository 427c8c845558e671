/* The key that stands for a client's address in rate limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/base/address.h"

static int
same(const char *one, const char *other)
{
	struct address_prefix a = address_prefix(one);
	struct address_prefix b = address_prefix(other);

	return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static void
an_ipv4_address_is_one_host(void **state)
{
	(void)state;
	assert_int_equal(address_prefix("192.0.2.1").len, 4);
	assert_true(same("192.0.2.1", "192.0.2.1"));
	assert_false(same("192.0.2.1", "192.0.2.2"));
	assert_true(same("192.0.2.1", "::ffff:192.0.2.1"));
}

static void
an_ipv6_host_has_a_whole_64(void **state)
{
	(void)state;
	assert_int_equal(address_prefix("2001:db8::1").len, 8);
	assert_true(same("2001:db8::1", "2001:db8:0:0:ffff::9"));
	assert_false(same("2001:db8::1", "2001:db8:0:1::1"));
	assert_true(same("fe80::1%eth0", "fe80::2"));
	assert_false(same("::1", "::ffff:0.0.0.1"));
}

static void
what_is_no_address_is_unknown(void **state)
{
	static const char *const texts[] = { "", " ", "unknown", "1.2.3",
		"1.2.3.4.5", "[::1]", "1.2.3.4:80", "::1::",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
		NULL };

	(void)state;
	for (int i = 0; texts[i] != NULL; i++)
		assert_int_equal(address_prefix(texts[i]).len, 0);
	assert_int_equal(address_prefix(NULL).len, 0);
}

static void
the_last_of_a_list_is_the_front_s(void **state)
{
	(void)state;
	assert_string_equal(address_last("1.2.3.4"), "1.2.3.4");
	assert_string_equal(address_last("9.9.9.9, 1.2.3.4"), "1.2.3.4");
	assert_string_equal(address_last(" 9.9.9.9,,\t 1.2.3.4"), "1.2.3.4");
	assert_string_equal(address_last(""), "");
	assert_string_equal(address_last("9.9.9.9,"), "");
	assert_true(same(address_last("x, 1.2.3.4 "), "1.2.3.4"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_address_is_one_host),
		cmocka_unit_test(an_ipv6_host_has_a_whole_64),
		cmocka_unit_test(what_is_no_address_is_unknown),
		cmocka_unit_test(the_last_of_a_list_is_the_front_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
