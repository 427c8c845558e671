/* The characters that a nickname or a title may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/text/names.h"

static const char *const good_names[] = { "kim", "Kim Lee",
	"\uae40\uc900\ud638", "조용한 수달 42", "J\u00f6rg",
	"\u0645\u0631\u062d\u0628\u0627", "\U0001f98a", "a.b-c_d!",
	"\u2764\ufe0f", "12345678901234567890123456789012", "<b>&amp;\"'",
	"ᚠᚢᚦ", "...", ":)", "★" };

static const char *const bad_names[] = { "", " ", "\u3000\u2003", "kim\tlee",
	"kim\nlee", "kim\x7f", "kim\xc2\x85", "kim\u202e\u202c",
	"\u2066kim\u2069", "kim\ufeff", "ki\u2028m", "\ue000", "\ufdd0",
	"\U000e0041", "\U000effff", "\u0378", "kim\xff", "\xc0\xafkim",
	"\xed\xa0\x80", "\xf4\x90\x80\x80", "kim\xe2\x82",
	"123456789012345678901234567890123" };

static void
each_is_taken(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (names_check_nickname(names[i]) != NULL)
			fail_msg("refused: number %zu: %s: %s", i, names[i],
			    names_check_nickname(names[i]));
}

static void
each_is_refused(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (names_check_nickname(names[i]) == NULL)
			fail_msg("taken: number %zu: %s", i, names[i]);
}

#define N(list) (sizeof(list) / sizeof((list)[0]))

static void
a_nickname_is_what_people_write(void **state)
{
	(void)state;
	each_is_taken(good_names, N(good_names));
}

static void
a_nickname_holds_nothing_hidden_and_nothing_that_is_no_text(void **state)
{
	(void)state;
	each_is_refused(bad_names, N(bad_names));
}

static void
the_length_of_a_nickname_is_counted_in_characters_of_form_c(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 32; i++)
		buf_adds(&b, "a\u0308");
	assert_null(names_check_nickname(buf_str(&b)));
	buf_adds(&b, "a");
	assert_non_null(names_check_nickname(buf_str(&b)));
	buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "\U0001f98a");
	assert_non_null(names_check_nickname(buf_str(&b)));
	assert_non_null(names_check_title(buf_str(&b)));
	buf_done(&b);
}

static void
a_title_is_up_to_100_characters(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_adds(&b, "\U0001f98a");
	assert_null(names_check_title(buf_str(&b)));
	buf_adds(&b, "x");
	assert_non_null(names_check_title(buf_str(&b)));
	assert_non_null(names_check_title(""));
	assert_non_null(names_check_title("a\nb"));
	buf_done(&b);
}

static void
B1_spaces_of_all_kinds_become_single_plain_ones(void **state)
{
	static const struct {
		const char *from, *to;
	} names[] = { { "山田\u3000太郎", "山田 太郎" },
		{ "  kim \u00a0\u2003 lee\u1680", "kim lee" }, { "kim", "kim" },
		{ "\u3000", "" }, { "e\u0301", "\u00e9" } };

	(void)state;
	for (size_t i = 0; i < N(names); i++) {
		struct buf b = BUF_INIT;

		names_add_clean(names[i].from, &b);
		assert_string_equal(buf_str(&b), names[i].to);
		buf_done(&b);
	}
	assert_null(names_check_nickname("山田\u3000太郎"));
	assert_null(names_check_title("山田\u3000太郎の部屋"));
}

static void
B1_an_emoji_may_be_of_many_characters(void **state)
{
	static const char *const good[] = { "mina👩‍💻",
		"👨‍👩‍👧", "👍🏽",
		"👩🏾‍❤️‍💋‍👨🏻", "🇰🇷", "🏳️‍🌈",
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣ kim",
		"☠\ufe0e", "©️ 2026", "🧑🏿‍🚀 kim 🛰️",
		"❤️‍🔥" };
	static const char *const bad[] = { "1\u200d2", "1\ufe0f", "k\ufe0fim",
		"👩\u200d", "\u200d👩", "👩\u200dk", "👩\u200d\u200d💻",
		"❤\ufe0f\ufe0f", "🏴\U000e0067\U000e0062",
		"k\U000e0067\U000e007f", "1\u20e3\u20e3", "a\u20dd" };

	(void)state;
	each_is_taken(good, N(good));
	each_is_refused(bad, N(bad));
}

static void
B1_a_joiner_may_stand_where_its_script_needs_it(void **state)
{
	static const char *const good[] = { "می‌نا", "علی‌رضا",
		"क्‍ष", "क्‌ष", "ශ්‍රී",
		"র‍্য", "ജോണ്‍", "సురేష్‌",
		"க்‌ஷ" };
	static const char *const bad[] = { "ki\u200bm", "ki\u200dm",
		"ki\u200cm", "\u200c", "\u200dkim", "kim\u200c", "می\u200c",
		"\u200cنا", "می\u200c\u200cنا", "می\u200dنا", "د\u200cم",
		"ب\u200cء", "ب\u200c\u0712", "میk\u200cنا", "क\u200dष",
		"한\u200d글", "क्\u200d\u200dष", "k\u094d\u200dm",
		"Иван\u200cов" };

	(void)state;
	each_is_taken(good, N(good));
	each_is_refused(bad, N(bad));
}

static void
A2_S4_7_a_name_that_draws_nothing_is_refused(void **state)
{
	static const char *const blank[] = { "\U0001d159", "\U00013441",
		"\U00013442", "\ufffc", "\u2800", "\u115f", "\u1160", "\u3164",
		"\uffa0", "\u034f", "\u17b4", "\u180e", "\u00ad", "\u2060",
		"\u2061", "\u0301", "\ufe0f", "\u20e3", "\U00016fe4",
		"\U0001d173", "\U000e0101", "\u1039", "\u2d7f" };

	(void)state;
	each_is_refused(blank, N(blank));
	for (size_t i = 0; i < N(blank); i++) {
		struct buf b = BUF_INIT;

		buf_addf(&b, "ki%sm", blank[i]);
		/* One accent on a letter is allowed. */
		if (strcmp(blank[i], "\u0301") != 0 &&
		    names_check_nickname(buf_str(&b)) == NULL)
			fail_msg("taken: number %zu in a word", i);
		buf_done(&b);
	}
}

static void
A2_S4_7_marks_do_not_pile_up(void **state)
{
	static const char *const good[] = { "Thảo", "མཁྱེན་བརྩེ", "မြွှို့", "שָׁלוֹם",
		"مُحَمَّد", "ᾧ", "กี้", "N\u0304di\u0300" };
	static const char *const bad[] = { "a\u0301\u0301",
		"a\u0316\u0317\u0318\u0319\u031c",
		"မ\u103c\u103d\u103e\u102d\u102f\u1032\u1036", "ก\u0e47\u0e47",
		"k\u0e47", "क\u0301\u0316\u0317\u0318\u0319", "kim \u0301",
		"!\u0301", "🦊\u0301" };
	struct buf b = BUF_INIT;

	(void)state;
	each_is_taken(good, N(good));
	each_is_refused(bad, N(bad));
	buf_adds(&b, "a");
	for (int i = 0; i < 31; i++)
		buf_addf(&b, "\xcc%c", 0x80 + i);
	assert_non_null(names_check_nickname(buf_str(&b)));
	buf_done(&b);
}

static const char *const first_names[] = {
#define FIRST_NAME(script, name) name,
#include "tests/lib/first_names.def"
#undef FIRST_NAME
};

static void
A2_S4_7_real_first_names_of_many_scripts_are_taken(void **state)
{
	(void)state;
	assert_true(N(first_names) >= 200);
	each_is_taken(first_names, N(first_names));
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
		    B1_spaces_of_all_kinds_become_single_plain_ones),
		cmocka_unit_test(B1_an_emoji_may_be_of_many_characters),
		cmocka_unit_test(
		    B1_a_joiner_may_stand_where_its_script_needs_it),
		cmocka_unit_test(A2_S4_7_a_name_that_draws_nothing_is_refused),
		cmocka_unit_test(A2_S4_7_marks_do_not_pile_up),
		cmocka_unit_test(
		    A2_S4_7_real_first_names_of_many_scripts_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
