/* Names that look the same, and reserved names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ctype.h>
#include <limits.h>
#include <unicode/uchar.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "db/chat/members.h"
#include "db/rows/chatters.h"
#include "db/chat/arrivals.h"
#include "db/text/lookalike.h"
#include "db/text/names.h"
#include "db/text/reserved.h"
#include "tests/lib/act.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

#define N(list) (sizeof(list) / sizeof((list)[0]))

static int
same(const char *a, const char *b)
{
	struct lookalike x = LOOKALIKE_INIT, y = LOOKALIKE_INIT;
	int equal;

	lookalike_keys(a, &x);
	lookalike_keys(b, &y);
	equal = lookalike_meet(&x, &y);
	lookalike_done(&x);
	lookalike_done(&y);
	return equal;
}

static const struct {
	const char *what, *a, *b;
} alike[] = {
	{ "case", "Kim", "kIM" },
	{ "width", "kim", "\uff4b\uff49\uff4d" },
	{ "composition", "J\u00f6rg", "jo\u0308rg" },
	{ "cyrillic", "paypal", "\u0440\u0430\u0443\u0440\u0430l" },
	{ "cyrillic capital", "Tom", "\u0422om" },
	{ "cyrillic capital beside another case", "TOM", "\u0422om" },
	{ "cyrillic capitals", "tom", "\u0422\u041e\u041c" },
	{ "cyrillic capitals with I", "kim", "\u041a\u0406\u041c" },
	{ "cyrillic of both cases", "TOM", "\u0422\u043e\u043c" },
	{ "cyrillic of both cases", "Tom", "\u0422\u043e\u043c" },
	{ "cyrillic small letters", "kim", "\u043a\u0456\u043c" },
	{ "cyrillic small letters", "Bob", "\u0432\u043e\u0432" },
	{ "one small cyrillic letter", "Tom", "To\u043c" },
	{ "greek small letters", "Tim", "\u03c4\u03b9\u03bc" },
	{ "latin in a cyrillic name", "\u0442\u043e\u043c", "To\u043c" },
	{ "small capitals", "kim", "\u1d0b\u026a\u1d0d" },
	{ "white on black", "kim", "\U0001f15a\U0001f178\U0001f15c" },
	{ "squared", "kim", "\U0001f13a\U0001f138\U0001f13c" },
	{ "letters of flags", "kim", "\U0001f1f0 \U0001f1ee \U0001f1f2" },
	{ "flag", "kim", "kim \U0001f1f0\U0001f1f7" },
	{ "parenthesized", "kim", "\u24a6\u24a4\u24a8" },
	{ "superscript", "kim", "\u1d4f\u2071\u1d50" },
	{ "ligature of capitals", "off", "O\ufb00" },
	{ "registered", "kim", "kim\u00ae" },
	{ "unit", "kg", "\u338f" },
	{ "roman numerals", "IV", "\u2163" },
	{ "capitals of their own", "AH", "\u13aa\uab8b" },
	{ "cyrillic case", "\u0422\u043e\u043c", "\u0442\u043e\u043c" },
	{ "lunate sigma", "cat", "\u03f2at" },
	{ "greek", "oscar", "\u03bfscar" },
	{ "invisible", "kim", "k\u200bi\u00adm" },
	{ "digit", "bob", "b0b" },
	{ "one", "paul", "pau1" },
	{ "line", "paul", "pau|" },
	{ "ligature", "file", "\ufb01le" },
	{ "mathematical", "kim", "\U0001d424\U0001d422\U0001d426" },
	{ "sharp s", "strasse", "stra\u00dfe" },
	{ "hangul", "\ud55c\uad6d", "\u1112\u1161\u11ab\u1100\u116e\u11a8" },
	{ "halfwidth hangul", "\u3131", "\uffa1" },
	{ "space", "a b", "a\u3000b" },
	{ "space in a cyrillic capital", "Tom", "\u0422 om" },
	{ "circled", "1", "\u2460" },
	{ "second dot", "kim", "ki\u0307m" },
	{ "second dot behind a mark below", "ki\u0323m", "ki\u0323\u0307m" },
	{ "dotless with a dot", "kim", "k\u0131\u0307m" },
	{ "dotted capital", "\u0130brahim", "ibrahim" },
	{ "check mark", "kim", "✓kim" },
	{ "shield", "kim", "kim 🛡" },
	{ "brackets", "kim", "[kim]" },
	{ "click for a mark", "kim", "kim\u01c3" },
	{ "modifier", "kim", "kim\u02bc" },
	{ "apostrophes", "O'Brien", "O\u2019Brien" },
	{ "modifier in a name", "O'Brien", "O\u02bcBrien" },
	{ "joiner", "می‌نا", "مینا" },
	{ "elongation", "محمد", "محـــمد" },
	{ "joined emoji", "👨‍👩‍👧", "👨👩👧" },
	{ "emoji style", "\u2764\ufe0f", "\u2764" },
	{ "emoji", "🦊", "🦊" },
	{ "variant", "渡邉", "渡邉\U000e0101" },
	{ "dots", "...", "\u2026" },
};

static const struct {
	const char *a, *b;
} different[] = {
	{ "kim", "lee" },
	{ "kim", "kim 2" },
	{ "\uae40", "\uc774" },
	{ "\U0001f98a", "\U0001f43b" },
	{ "kim", "kin" },
	{ "kim", "k\u00edm" },
	{ "\u05e2\u05d5\u05de\u05e8", "\u05e2\u05d5\u05de\u05e8\u05d9" },
	{ "👍🏻", "👍🏿" },
	{ "🇰🇷", "🇰🇵" },
	{ "\u0412\u0435\u0440\u0430", "Vera" },
	{ "\u039d\u03af\u03ba\u03b7", "Nick" },
	{ "...", "!" },
	{ "ミキ", "ミ" },
};

static void
A2_S4_7_what_people_take_for_the_same_shares_a_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(alike); i++)
		if (!same(alike[i].a, alike[i].b))
			fail_msg("%s: %s, %s", alike[i].what, alike[i].a,
			    alike[i].b);
	for (size_t i = 0; i < N(different); i++)
		if (same(different[i].a, different[i].b))
			fail_msg("%s, %s", different[i].a, different[i].b);
}

static const char *const first_names[] = {
#define FIRST_NAME(script, name) name,
#include "tests/lib/first_names.def"
#undef FIRST_NAME
};

static void
A2_S4_7_real_first_names_of_many_scripts_are_all_different(void **state)
{
	struct lookalike keys[N(first_names)] = { LOOKALIKE_INIT };

	(void)state;
	for (size_t i = 0; i < N(first_names); i++)
		lookalike_keys(first_names[i], &keys[i]);
	for (size_t i = 0; i < N(first_names); i++)
		for (size_t j = 0; j < i; j++)
			if (lookalike_meet(&keys[i], &keys[j]))
				fail_msg(
				    "%s, %s", first_names[i], first_names[j]);
	for (size_t i = 0; i < N(first_names); i++)
		lookalike_done(&keys[i]);
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789";
enum { N_LETTERS = sizeof(letters) - 1, SKELETON_MAX = 64 };

struct skeleton {
	UChar units[SKELETON_MAX];
	int32_t len;
};

static void
read_skeleton(const USpoofChecker *spoof, UChar32 c, struct skeleton *s)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar from[U16_MAX_LENGTH];
	int32_t n = 0;

	U16_APPEND_UNSAFE(from, n, c);
	s->len = uspoof_getSkeleton(
	    spoof, 0, from, n, s->units, SKELETON_MAX, &status);
	assert_true(U_SUCCESS(status));
}

static int
other_case(int letter)
{
	return isupper(letter) ? tolower(letter) : toupper(letter);
}

/*
 * A room for each letter, with two members: one is named by the letter, the
 * other by a word that holds it.
 */
struct rooms {
	struct fixture *fixture;
	struct room of[CHAR_MAX + 1];
	struct user_id stranger;
	int tried;
};

static void
furnish(struct rooms *r, int letter)
{
	char name[] = "room-xx", word[] = "baxby";

	(void)snprintf(name, sizeof(name), "room-%x", (unsigned)letter);
	r->of[letter] = make_room(r->fixture, name, r->stranger, 7);
	word[2] = (char)letter;
	(void)make_member(r->fixture, &r->of[letter], word);
	word[0] = (char)letter;
	word[1] = '\0';
	(void)make_member(r->fixture, &r->of[letter], word);
}

static void
refuse(struct rooms *r, int letter, const char *nickname)
{
	struct chatter c;
	enum db_rc rc;

	if (names_check_nickname(nickname) != NULL)
		return;
	rc = act_join(r->fixture, &r->of[letter], r->stranger, nickname, &c);
	if (rc != DB_CONFLICT || r->fixture->why != PROBLEM_NICKNAME_TAKEN)
		fail_msg("%s comes in beside %c", nickname, letter);
	r->tried++;
}

/* Tries the letter C, which looks like LETTER, against LETTER in both cases. */
static void
refuse_beside(struct rooms *r, int letter, UChar32 c)
{
	char alone[U8_MAX_LENGTH + 1] = "", word[sizeof(alone) + 4];
	UChar units[U16_MAX_LENGTH];
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0;

	U16_APPEND_UNSAFE(units, n, c);
	(void)u_strToUTF8(alone, sizeof(alone), NULL, units, n, &status);
	assert_true(U_SUCCESS(status));
	(void)snprintf(word, sizeof(word), "ba%sby", alone);
	refuse(r, letter, alone);
	refuse(r, letter, word);
	refuse(r, other_case(letter), alone);
	refuse(r, other_case(letter), word);
}

static void
A2_S4_7_whatever_icu_takes_for_a_letter_is_refused_beside_it(void **state)
{
	struct skeleton of[N_LETTERS], s;
	UErrorCode status = U_ZERO_ERROR;
	USpoofChecker *spoof = uspoof_open(&status);
	struct rooms r = { .fixture = *state };
	int found = 0;

	assert_true(U_SUCCESS(status));
	r.stranger = make_user(r.fixture);
	for (int i = 0; i < N_LETTERS; i++) {
		furnish(&r, letters[i]);
		read_skeleton(spoof, letters[i], &of[i]);
	}
	r.stranger = make_user(r.fixture);
	for (UChar32 c = 0; c <= UCHAR_MAX_VALUE; c++) {
		if (u_charType(c) == U_SURROGATE)
			continue;
		read_skeleton(spoof, c, &s);
		for (int i = 0; i < N_LETTERS; i++)
			if (s.len == of[i].len &&
			    u_memcmp(s.units, of[i].units, s.len) == 0) {
				refuse_beside(&r, letters[i], c);
				found++;
			}
	}
	/* There are 1,430 such pairs in Unicode 15, and never fewer. */
	assert_true(found > 1400);
	assert_true(r.tried > 3 * found);
	uspoof_close(spoof);
}

static void
A2_S4_7_real_first_names_are_all_present_in_one_room(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 1000);

	for (size_t i = 0; i < N(first_names); i++)
		(void)make_member(f, &room, first_names[i]);
	assert_true(fixture_online(f, &room) == N(first_names));
}

/* Pairs whose keys of one kind differ. */
static const struct {
	const char *present, *joins;
} crossed[] = {
	{ "\u0422\u043e\u043c", "\u0422\u043e\u041c" },
	{ "\u0422\u043e\u043c", "\u0442\u043e\u043c" },
	{ "\u0442\u043e\u043c", "\u0422\u043e\u043c" },
	{ "\u041a\u0406\u041c", "K\u0130M" },
	{ "K\u0130M", "\u041a\u0406\u041c" },
	{ "Tom", "\u0422\u043e\u043c" },
	{ "\u0422\u043e\u043c", "TOM" },
	{ "\u0422\u043e\u041c", "to\u043c" },
};

static void
A2_S4_7_any_key_of_a_newcomer_meets_any_of_somebody_present(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter there, c;

	for (size_t i = 0; i < N(crossed); i++) {
		there = make_member(f, &room, crossed[i].present);
		if (act_join(f, &room, make_user(f), crossed[i].joins, &c) !=
			DB_CONFLICT ||
		    f->why != PROBLEM_NICKNAME_TAKEN)
			fail_msg(
			    "%s, %s", crossed[i].present, crossed[i].joins);
		act_leave(f, &room, &there, LEAVE_LEFT);
	}
}

static const char *const reserved[] = { "moderator", "MODERATOR",
	"MODERA\u0422OR", "\uff4doderator", "admin", "Admin", "adm1n",
	"\u0430dmin", "kim (moderator)", "✓ admin", "admin 2", "admin007",
	"[MODERATOR] kim", "Adm\u00edn", "m\u0332o\u0332d\u0332", "M\u00f8d",
	"\u00c1dmin2", "m o d e r a t o r", "kim, m.o.d.", "0wner", "🅰🅳🅼🅸🅽",
	"\u1d00\u1d05\u1d0d\u026a\u0274", "🇦 🇩 🇲 🇮 🇳", "\u043c\u043ed",
	"kim \u24dc\u24de\u24d3", "関リ 관리자", "the system",
	"ki\u0307m admi\u0307n", "7admin" };
static const char *const free_names[] = { "kim", "badminton", "Administrador",
	"Parlorina", "모관리", "Modesty", "🦊", "42", "Rod Erator" };

static void
A2_S4_7_members_may_not_take_a_reserved_name(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 100);
	struct chatter c, kim = make_member(f, &room, "Rin");

	for (size_t i = 0; i < N(reserved); i++) {
		f->why = PROBLEM_NONE;
		if (act_join(f, &room, make_user(f), reserved[i], &c) !=
			DB_CONFLICT ||
		    f->why != PROBLEM_NICKNAME_RESERVED)
			fail_msg("taken: %s", reserved[i]);
		assert_int_equal(
		    act_rename(f, &room, &kim, reserved[i]), DB_CONFLICT);
		assert_int_equal(f->why, PROBLEM_NICKNAME_RESERVED);
	}
	for (size_t i = 0; i < N(free_names); i++)
		(void)make_member(f, &room, free_names[i]);
	assert_int_equal(act_join(f, &room, room.owner, "Owner", &c), DB_OK);
}

static void
json_has(struct fixture *f, struct chatter_id id, const char *nickname, int has)
{
	struct buf json = BUF_INIT;

	assert_int_equal(chatters_add_json(f->db, id, &json), DB_OK);
	if ((strstr(buf_str(&json), nickname) != NULL) != has)
		fail_msg("%s", buf_str(&json));
	buf_done(&json);
}

static enum db_rc
come_as_usual(struct db *db, void *arg)
{
	struct write_args *w = arg;
	enum db_rc rc = write_newcomer_seat(db, w);

	return rc == DB_OK ? arrivals_enter(db, w->room, &w->out, &w->entry,
				 &w->presence, &w->fixture->why) :
			     rc;
}

static void
A2_S4_7_a_name_that_comes_from_elsewhere_is_unlike_and_not_reserved(
    void **state)
{
	static const struct {
		const char *usual, *not ;
	} names[] = { { "\u0422om", "\"\u0422om\"" },
		{ "Moderator", "oderator" } };
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 100);
	struct chatter tom = make_member(f, &room, "TOM");

	for (size_t i = 0; i < N(names); i++) {
		struct newcomer who = { .user = make_user(f),
			.usual = names[i].usual };
		struct write_args w = { .fixture = f,
			.room = &room,
			.newcomer = &who,
			.entry = {
			    TRANSPORT_JOIN, "join", { 0 }, FIXTURE_LEASE, 0 } };

		assert_int_equal(db_write(f->db, come_as_usual, &w), DB_OK);
		json_has(f, w.out.id, names[i].not, 0);
	}
	/*
	 * The same for a member who returns; the nickname "TOM 2" is taken by
	 * now.
	 */
	act_leave(f, &room, &tom, LEAVE_LEFT);
	(void)make_member(f, &room, "t\u041eM");
	assert_int_equal(act_join(f, &room, tom.user, NULL, &tom), DB_OK);
	json_has(f, tom.id, "\"TOM 3\"", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    A2_S4_7_what_people_take_for_the_same_shares_a_key),
		cmocka_unit_test(
		    A2_S4_7_real_first_names_of_many_scripts_are_all_different),
		FIXTURE_TEST(
		    A2_S4_7_whatever_icu_takes_for_a_letter_is_refused_beside_it),
		FIXTURE_TEST(
		    A2_S4_7_real_first_names_are_all_present_in_one_room),
		FIXTURE_TEST(
		    A2_S4_7_any_key_of_a_newcomer_meets_any_of_somebody_present),
		FIXTURE_TEST(A2_S4_7_members_may_not_take_a_reserved_name),
		FIXTURE_TEST(
		    A2_S4_7_a_name_that_comes_from_elsewhere_is_unlike_and_not_reserved),
	};
	struct settings settings;

	settings_default(&settings);
	reserved_setup(&settings);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
