/* Allowed texts, and generated nicknames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/text/names.h"
#include "db/text/text.h"

static void
a_message_may_hold_lines_and_tabs_and_no_other_control(void **state)
{
	(void)state;
	assert_null(text_check_content("hi"));
	assert_null(text_check_content("a\n\tb  c\u202e\u202c \u200d"));
	assert_non_null(text_check_content(""));
	assert_non_null(text_check_content("a\rb"));
	assert_non_null(text_check_content("a\x1b[0m"));
	assert_non_null(text_check_content("a\x7f"));
	assert_non_null(text_check_content("a\xc2\x85"));
	assert_non_null(text_check_content("a\xff"));
	assert_non_null(text_check_content("\xed\xa0\x80"));
}

static void
a_message_is_up_to_4000_characters(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 4000; i++)
		buf_adds(&b, "\U0001f98a");
	assert_null(text_check_content(buf_str(&b)));
	buf_adds(&b, "x");
	assert_non_null(text_check_content(buf_str(&b)));
	buf_clear(&b);
	for (int i = 0; i < 4001; i++)
		buf_adds(&b, "x");
	assert_non_null(text_check_content(buf_str(&b)));
	buf_done(&b);
}

static void
a_notification_is_up_to_500_characters_and_a_reference_up_to_255(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 255; i++)
		buf_adds(&b, "\U0001f98a");
	assert_null(text_check_reference(buf_str(&b)));
	buf_adds(&b, "x");
	assert_non_null(text_check_reference(buf_str(&b)));
	for (int i = 256; i < 500; i++)
		buf_adds(&b, "\U0001f98a");
	assert_null(text_check_notification(buf_str(&b)));
	buf_adds(&b, "x");
	assert_non_null(text_check_notification(buf_str(&b)));
	assert_non_null(text_check_notification(""));
	assert_non_null(text_check_reference(""));
	buf_done(&b);
}

static void
a_reference_is_one_line_without_control_characters(void **state)
{
	(void)state;
	assert_null(text_check_reference("auth0|17/x \u00e9"));
	assert_null(text_check_notification("a\n\tb"));
	assert_non_null(text_check_reference("a\nb"));
	assert_non_null(text_check_reference("a\tb"));
	assert_non_null(text_check_reference("a\xc2\x85"));
	assert_non_null(text_check_reference("a\xff"));
	assert_non_null(text_check_notification("a\x01"));
}

static void
form_c_is_composed(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	text_add_nfc("e\u0301 \u1112\u1161\u11ab", &b);
	assert_string_equal(buf_str(&b), "\u00e9 \ud55c");
	buf_clear(&b);
	text_add_nfc("", &b);
	assert_string_equal(buf_str(&b), "");
	buf_done(&b);
}

static void
B2_an_end_of_line_is_a_line_feed(void **state)
{
	static const struct {
		const char *from, *to;
	} lines[] = { { "a\r\nb", "a\nb" }, { "a\rb", "a\nb" },
		{ "\r\r\n\r", "\n\n\n" }, { "a\n\rb", "a\n\nb" },
		{ "a\nb", "a\nb" }, { "", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct buf b = BUF_INIT;

		text_add_lines(lines[i].from, &b);
		assert_string_equal(buf_str(&b), lines[i].to);
		buf_done(&b);
	}
}

/* None of these is visible. */
static const char *const blank[] = { " ", "   ", "\n", " \t\n", "\u3164",
	"\u00a0", "\u3000", "\u2028", "\u200b", "\u200d\u200c", "\u00ad",
	"\ufeff", "\u115f\u1160", "\uffa0", "\u2800", "\ufffc", "\ufe0f",
	"\u034f", "\u180e", "\u202e\u202c", "\u2061", "\U000e0041",
	"\U0001d159", "\U0001d173", "\U00013441", "\U00016fe4",
	"\u3164 \u2800" };

static void
B2_what_is_shown_to_people_holds_something_that_is_seen(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++) {
		if (text_check_content(blank[i]) == NULL)
			fail_msg("taken: number %zu", i);
		assert_non_null(text_check_notification(blank[i]));
		buf_clear(&b);
		buf_addf(&b, "%s.", blank[i]);
		assert_null(text_check_content(buf_str(&b)));
		assert_null(text_check_notification(buf_str(&b)));
	}
	buf_done(&b);
}

static void
s2_1_generated_nicknames_are_readable_and_good(void **state)
{
	static const char *const languages[] = { "en", "ko", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		for (int j = 0; j < 1000; j++) {
			struct buf b = BUF_INIT;

			text_add_generated(languages[i], &b);
			assert_null(names_check_nickname(buf_str(&b)));
			buf_done(&b);
		}
}

static const struct {
	const char *accept;
	int korean;
} languages[] = {
	{ "ko", 1 },
	{ "ko-KR", 1 },
	{ "KO-kr", 1 },
	{ "ko,en", 1 },
	{ "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", 1 },
	{ "fr, ko;q=0.2", 1 },
	{ "en;q=0.5, ko;q=0.75", 1 },
	{ "en;q=0.5,\tko ; q=0.501", 1 },
	{ "en", 0 },
	{ "en,ko", 0 },
	{ "en-US,en;q=0.9,ko;q=0.8", 0 },
	{ "ko;q=0", 0 },
	{ "ko;q=0.0, fr", 0 },
	{ "ko;q=0.3,en;q=0.301", 0 },
	{ "kok", 0 },
	{ "kok-IN, de", 0 },
	{ "xx-ko", 0 },
	{ ";;,,q=,ko;q", 1 },
	{ "ko;q=", 1 },
	{ ",", 0 },
	{ "", 0 },
	{ NULL, 0 },
};

static void
s2_1_a_generated_nickname_is_in_the_language_that_is_liked_better(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		struct buf b = BUF_INIT;

		text_add_generated(languages[i].accept, &b);
		if (((b.p[0] & 0x80) != 0) != languages[i].korean)
			fail_msg("%s: %s", languages[i].accept, buf_str(&b));
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_message_may_hold_lines_and_tabs_and_no_other_control),
		cmocka_unit_test(a_message_is_up_to_4000_characters),
		cmocka_unit_test(
		    a_notification_is_up_to_500_characters_and_a_reference_up_to_255),
		cmocka_unit_test(
		    a_reference_is_one_line_without_control_characters),
		cmocka_unit_test(form_c_is_composed),
		cmocka_unit_test(B2_an_end_of_line_is_a_line_feed),
		cmocka_unit_test(
		    B2_what_is_shown_to_people_holds_something_that_is_seen),
		cmocka_unit_test(
		    s2_1_generated_nicknames_are_readable_and_good),
		cmocka_unit_test(
		    s2_1_a_generated_nickname_is_in_the_language_that_is_liked_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
