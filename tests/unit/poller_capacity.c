/* What the settings and the limit of open files allow together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "poller/capacity.h"

static void
p9_few_descriptors_are_shared_among_addresses(void **state)
{
	static const struct capacity cases[] = {
		{ 64, 32, 8, 32, 8 },
		{ 1024, 256, 64, 512, 128 },
		{ 4096, 256, 64, 3584, 896 },
		{ 20000, 1250, 256, 18494, 1000 },
		{ 65536, 4096, 256, 20000, 1000 },
		{ INT64_MAX, 4096, 256, 20000, 1000 },
	};
	struct settings s;

	(void)state;
	settings_default(&s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct capacity c = capacity_of(&s, cases[i].files);

		assert_memory_equal(&c, &cases[i], sizeof(c));
	}
}

static void
p9_many_descriptors_leave_the_settings_as_they_are(void **state)
{
	struct settings s;
	struct capacity c;

	(void)state;
	settings_default(&s);
	s.streams_max = 300;
	s.streams_per_address = 300;
	c = capacity_of(&s, 1024);
	assert_int_equal(c.streams, 300);
	assert_int_equal(c.streams_per_address, 300);
	s.connections_per_address = 5000;
	c = capacity_of(&s, 65536);
	assert_int_equal(c.connections_per_address, 5000);
}

static void
p9_an_address_without_a_limit_gets_none(void **state)
{
	struct settings s;
	struct capacity c;

	(void)state;
	settings_default(&s);
	s.connections_per_address = s.streams_per_address = 0;
	c = capacity_of(&s, 1024);
	assert_int_equal(c.connections_per_address, 0);
	assert_int_equal(c.streams_per_address, 0);
}

static void
p9_all_that_there_may_be_fits_into_the_open_files(void **state)
{
	static const int64_t wanted[] = { 1, 120, 1000, 4000, 20000, 1000000 };
	struct settings s;

	(void)state;
	settings_default(&s);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		for (int64_t files = 256; files < 30000; files += 64) {
			struct capacity c;

			s.streams_max = wanted[i];
			c = capacity_of(&s, files);
			assert_true(c.streams + c.connections <=
			    files - (files > 2048 ? 256 : files / 8));
			assert_true(c.connections_per_address > 0);
			assert_true(c.streams_per_address > 0);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p9_few_descriptors_are_shared_among_addresses),
		cmocka_unit_test(
		    p9_many_descriptors_leave_the_settings_as_they_are),
		cmocka_unit_test(p9_an_address_without_a_limit_gets_none),
		cmocka_unit_test(
		    p9_all_that_there_may_be_fits_into_the_open_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
