/* The hash of a string of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/base/hash.h"

static void
bytes_have_the_number_that_is_published_for_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t number;
	} cases[] = {
		{ "", 0xcbf29ce484222325ULL },
		{ "a", 0xaf63dc4c8601ec8cULL },
		{ "foobar", 0x85944171f73967e8ULL },
		{ "chongo was here!\n", 0x46810940eff5f915ULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(hash_bytes(cases[i].text, strlen(cases[i].text)) ==
		    cases[i].number);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    bytes_have_the_number_that_is_published_for_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
