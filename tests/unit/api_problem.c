/* Every refusal is one RFC 9457 document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <jansson.h>

#include "api/http/problem.h"

static const struct {
	enum db_rc rc;
	enum problem why;
	enum problem is;
} meanings[] = {
	{ DB_NONE, PROBLEM_NONE, PROBLEM_NOT_FOUND },
	{ DB_NONE, PROBLEM_TOKEN_INVALID, PROBLEM_TOKEN_INVALID },
	{ DB_CONFLICT, PROBLEM_ROOM_FULL, PROBLEM_ROOM_FULL },
	{ DB_CONFLICT, PROBLEM_NONE, PROBLEM_INTERNAL },
	{ DB_BUSY, PROBLEM_NONE, PROBLEM_BUSY },
	{ DB_BUSY, PROBLEM_ROOM_FULL, PROBLEM_BUSY },
	{ DB_FAIL, PROBLEM_NONE, PROBLEM_INTERNAL },
	{ DB_FAIL, PROBLEM_ROOM_FULL, PROBLEM_INTERNAL },
};

static void
an_outcome_means_one_problem(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		assert_int_equal(problem_of(meanings[i].rc, meanings[i].why),
		    meanings[i].is);
}

static void
every_problem_is_a_document_with_its_status_and_code(void **state)
{
	(void)state;
	for (int p = PROBLEM_NONE + 1; p < N_PROBLEMS; p++) {
		const char *type, *title, *code, *detail;
		struct buf b = BUF_INIT;
		json_t *doc;
		int status;

		problem_add_json((enum problem)p, &b);
		doc = json_loadb(b.p, b.len, 0, NULL);
		assert_int_equal(json_unpack(doc, "{s:s, s:s, s:i, s:s, s:s !}",
				     "type", &type, "title", &title, "status",
				     &status, "code", &code, "detail", &detail),
		    0);
		assert_string_equal(type, "about:blank");
		assert_int_equal(status, problem_status((enum problem)p));
		assert_string_equal(code, problem_code((enum problem)p));
		assert_string_equal(title, problem_phrase(status));
		assert_string_not_equal(title, "Unknown");
		json_decref(doc);
		buf_done(&b);
	}
}

static void
who_may_come_back_later_is_told_when(void **state)
{
	(void)state;
	for (int p = PROBLEM_NONE + 1; p < N_PROBLEMS; p++) {
		int status = problem_status((enum problem)p);

		assert_int_equal(problem_retry_after((enum problem)p) > 0,
		    status == 503 || status == 429);
	}
}

static void
a_wrong_field_is_named_with_the_reason_whatever_it_is_called(void **state)
{
	const char *code, *why;
	struct buf b = BUF_INIT;
	json_t *doc;
	int status;

	(void)state;
	problem_add_field_json("na\"me\n", "it is \\ not", &b);
	doc = json_loadb(b.p, b.len, 0, NULL);
	assert_int_equal(
	    json_unpack(doc, "{s:i, s:s, s:{s:s !}}", "status", &status, "code",
		&code, "fields", "na\"me\n", &why),
	    0);
	assert_int_equal(status, 422);
	assert_string_equal(code, "invalid_fields");
	assert_string_equal(why, "it is \\ not");
	assert_null(strchr(buf_str(&b), '\n'));
	json_decref(doc);
	buf_done(&b);
}

static void
a_document_is_added_behind_what_is_there(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "x");
	problem_add_json(PROBLEM_NOT_FOUND, &b);
	assert_memory_equal(b.p, "x{\"type\":\"about:blank\",", 23);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_outcome_means_one_problem),
		cmocka_unit_test(
		    every_problem_is_a_document_with_its_status_and_code),
		cmocka_unit_test(who_may_come_back_later_is_told_when),
		cmocka_unit_test(
		    a_wrong_field_is_named_with_the_reason_whatever_it_is_called),
		cmocka_unit_test(a_document_is_added_behind_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
