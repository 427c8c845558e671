/* What people may write, and what looks the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/text.h"

static const char *const good_names[] = { "kim", "Kim Lee",
	"\uae40\uc900\ud638", "조용한 수달 42", "J\u00f6rg",
	"\u0645\u0631\u062d\u0628\u0627", "\U0001f98a", "a.b-c_d!",
	"\u2764\ufe0f", "12345678901234567890123456789012", "<b>&amp;\"'" };

static const char *const bad_names[] = { "", " ", " kim", "kim ", "kim  lee",
	"kim\tlee", "kim\nlee", "kim\x7f", "kim\xc2\x85", "kim\xc2\xa0lee",
	"kim\u3000lee", "ki\u200bm", "ki\u200dm", "ki\u00adm",
	"kim\u202e\u202c", "\u2066kim\u2069", "kim\ufeff", "ki\u2028m",
	"\u0301kim", "\ufe0f", "\u115fkim", "\u3164", "kim\u2800", "\ue000",
	"\ufdd0", "\U000e0041", "\U000effff", "kim\xff", "\xc0\xafkim",
	"\xed\xa0\x80", "\xf4\x90\x80\x80", "kim\xe2\x82",
	"123456789012345678901234567890123" };

static void
a_nickname_is_what_people_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_names) / sizeof(good_names[0]); i++)
		if (text_check_nickname(good_names[i]) != NULL)
			fail_msg("refused: %s: %s", good_names[i],
			    text_check_nickname(good_names[i]));
}

static void
a_nickname_holds_nothing_hidden_and_nothing_that_is_no_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++)
		if (text_check_nickname(bad_names[i]) == NULL)
			fail_msg("taken: number %zu: %s", i, bad_names[i]);
}

static void
the_length_of_a_nickname_is_counted_in_characters_of_form_c(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 32; i++)
		buf_adds(&b, "a\u0308");
	assert_null(text_check_nickname(buf_str(&b)));
	buf_adds(&b, "a");
	assert_non_null(text_check_nickname(buf_str(&b)));
	buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "\U0001f98a");
	assert_non_null(text_check_nickname(buf_str(&b)));
	assert_non_null(text_check_title(buf_str(&b)));
	assert_non_null(text_check_content(buf_str(&b)));
	buf_done(&b);
}

static void
a_title_is_up_to_100_characters(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_adds(&b, "\U0001f98a");
	assert_null(text_check_title(buf_str(&b)));
	buf_adds(&b, "x");
	assert_non_null(text_check_title(buf_str(&b)));
	assert_non_null(text_check_title(""));
	assert_non_null(text_check_title("a\nb"));
	buf_done(&b);
}

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

static int
same(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	int equal;

	text_add_key(a, &x);
	text_add_key(b, &y);
	equal = strcmp(buf_str(&x), buf_str(&y)) == 0;
	buf_done(&x);
	buf_done(&y);
	return equal;
}

static const struct {
	const char *what, *a, *b;
} alike[] = {
	{ "case", "Kim", "kIM" },
	{ "width", "kim", "\uff4b\uff49\uff4d" },
	{ "composition", "J\u00f6rg", "jo\u0308rg" },
	{ "cyrillic", "paypal", "\u0440\u0430\u0443\u0440\u0430l" },
	{ "greek", "oscar", "\u03bfscar" },
	{ "invisible", "kim", "k\u200bi\u00adm" },
	{ "digit", "bob", "b0b" },
	{ "one", "paul", "pau1" },
	{ "ligature", "file", "\ufb01le" },
	{ "mathematical", "kim", "\U0001d424\U0001d422\U0001d426" },
	{ "sharp s", "strasse", "stra\u00dfe" },
	{ "hangul", "\ud55c\uad6d", "\u1112\u1161\u11ab\u1100\u116e\u11a8" },
	{ "halfwidth hangul", "\u3131", "\uffa1" },
	{ "fullwidth space", "a b", "a\u3000b" },
	{ "circled", "1", "\u2460" },
};

static const struct {
	const char *a, *b;
} different[] = {
	{ "kim", "lee" },
	{ "kim", "kim 2" },
	{ "\uae40", "\uc774" },
	{ "\U0001f98a", "\U0001f43b" },
	{ "kim", "kin" },
};

static void
s4_7_what_people_take_for_the_same_has_one_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (!same(alike[i].a, alike[i].b))
			fail_msg("%s: %s, %s", alike[i].what, alike[i].a,
			    alike[i].b);
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++)
		if (same(different[i].a, different[i].b))
			fail_msg("%s, %s", different[i].a, different[i].b);
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
			assert_null(text_check_nickname(buf_str(&b)));
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
		cmocka_unit_test(a_nickname_is_what_people_write),
		cmocka_unit_test(
		    a_nickname_holds_nothing_hidden_and_nothing_that_is_no_text),
		cmocka_unit_test(
		    the_length_of_a_nickname_is_counted_in_characters_of_form_c),
		cmocka_unit_test(a_title_is_up_to_100_characters),
		cmocka_unit_test(
		    a_message_may_hold_lines_and_tabs_and_no_other_control),
		cmocka_unit_test(a_message_is_up_to_4000_characters),
		cmocka_unit_test(
		    a_notification_is_up_to_500_characters_and_a_reference_up_to_255),
		cmocka_unit_test(
		    a_reference_is_one_line_without_control_characters),
		cmocka_unit_test(form_c_is_composed),
		cmocka_unit_test(
		    s4_7_what_people_take_for_the_same_has_one_key),
		cmocka_unit_test(
		    s2_1_generated_nicknames_are_readable_and_good),
		cmocka_unit_test(
		    s2_1_a_generated_nickname_is_in_the_language_that_is_liked_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
