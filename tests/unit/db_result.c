/* Errors of the system that are states of the storage. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "db/engine/sqlite/result.h"

static void
A7_what_the_system_says_of_the_disk_is_a_state_of_the_storage(void **state)
{
	(void)state;
	assert_int_equal(result_of_errno(ENOSPC, DB_FAIL), DB_FULL);
	assert_int_equal(result_of_errno(EDQUOT, DB_FAIL), DB_FULL);
	assert_int_equal(result_of_errno(EROFS, DB_FAIL), DB_READ_ONLY);
	assert_int_equal(result_of_errno(0, DB_FAIL), DB_FAIL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    A7_what_the_system_says_of_the_disk_is_a_state_of_the_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
