/* Strings as jansson writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/rows/json.h"

static void
check(const char *text)
{
	struct buf ours = BUF_INIT, theirs = BUF_INIT;
	json_t *list = json_pack("[s]", text);

	json_add_text(&ours, text);
	json_put(list, &theirs);
	assert_int_equal(theirs.len, ours.len + 2);
	assert_memory_equal(ours.p, theirs.p + 1, ours.len);
	buf_done(&ours);
	buf_done(&theirs);
}

static void
every_byte_of_ascii_is_written_as_the_library_does(void **state)
{
	char text[] = "a?b?";

	(void)state;
	for (char c = 1; c < 127; c++) {
		text[1] = text[3] = c;
		check(text);
		check(text + 1);
	}
	check("\x7f");
}

static void
other_characters_pass_as_they_are(void **state)
{
	(void)state;
	check("");
	check("plain");
	check("\u00a9\u2019\u00e9 \uae40\uc900\ud638 \U0001f98a \"\\\"");
}

static void
B4_signs_that_break_lines_are_escaped(void **state)
{
	static const char text[] = "\xc2\x85"
				   "a\u2028\u2029b\u2027\u202a\u00c5\u202c";
	static const char want[] =
	    "\"\\u0085a\\u2028\\u2029b\u2027\u202a\u00c5\u202c\"";
	struct buf ours = BUF_INIT;
	json_t *back;

	(void)state;
	check(text);
	json_add_text(&ours, text);
	assert_string_equal(buf_str(&ours), want);
	back = json_loadb(ours.p, ours.len, JSON_DECODE_ANY, NULL);
	assert_string_equal(json_string_value(back), text);
	json_decref(back);
	buf_clear(&ours);
	json_put(json_pack("{s:s}", text, text), &ours);
	assert_null(strstr(buf_str(&ours), "\u2028"));
	assert_null(strstr(buf_str(&ours), "\u2029"));
	assert_null(strstr(buf_str(&ours), "\xc2\x85"));
	buf_done(&ours);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_byte_of_ascii_is_written_as_the_library_does),
		cmocka_unit_test(other_characters_pass_as_they_are),
		cmocka_unit_test(B4_signs_that_break_lines_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
