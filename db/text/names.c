#include "db/text/names.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "db/base/limits.h"
#include "db/base/must.h"
#include "db/text/text.h"
#include "db/text/unicode.h"

enum {
	UTF8_PER_CHARACTER = 4,
	NFC_GROWTH = 3, /* form C never has less than a third of the bytes */
	VIRAMA = 9, /* the combining class of those that join consonants */
	SCRIPTS_MAX = 64,
	/*
	 * UTS 39 5.4 suggests four nonspacing marks; Burmese puts six of both
	 * kinds on a consonant.
	 */
	MARKS_MAX = 6,
	STACKED_MAX = 4
};

static const char why_invisible[] =
    "must not hold invisible or control characters";
static const char why_lone[] =
    "must not have a combining mark without a letter of its script";
static const char why_stacked[] =
    "must not have so many combining marks on a letter";

void
names_add_clean(const char *text, struct buf *to)
{
	const uint8_t *s = (const uint8_t *)text;
	int32_t i = 0, len = (int32_t)strlen(text), from;
	struct buf plain = BUF_INIT;
	int space = 0;
	UChar32 c;

	while (i < len) {
		from = i;
		U8_NEXT(s, i, len, c);
		if (c >= 0 && unicode_is(c, U_GC_ZS_MASK)) {
			space = plain.len > 0;
			continue;
		}
		if (space)
			buf_addc(&plain, ' ');
		space = 0;
		buf_add(&plain, text + from, (size_t)(i - from));
	}
	text_add_nfc(buf_str(&plain), to);
	buf_done(&plain);
}

/* A name on its way through the check. */
struct walk {
	const UChar32 *p;
	int n, i;
	UChar32 base; /* the letter that marks go on; 0: none */
};

static int
joining(UChar32 c)
{
	return u_getIntPropertyValue(c, UCHAR_JOINING_TYPE);
}

static int
scripts_of(UChar32 c, UScriptCode *scripts)
{
	UErrorCode status = U_ZERO_ERROR;
	int n = uscript_getScriptExtensions(c, scripts, SCRIPTS_MAX, &status);

	return U_SUCCESS(status) ? n : 0;
}

static int
is_of_any_script(UScriptCode script)
{
	return script == USCRIPT_INHERITED || script == USCRIPT_COMMON;
}

/* Whether C, a mark or a variant of a letter, is written in BASE's script. */
static int
shares_script(UChar32 c, UChar32 base)
{
	UScriptCode of_c[SCRIPTS_MAX], of_base[SCRIPTS_MAX];
	int n = scripts_of(c, of_c), m = scripts_of(base, of_base);

	for (int i = 0; i < n; i++) {
		if (is_of_any_script(of_c[i]))
			return 1;
		for (int j = 0; j < m; j++)
			if (of_c[i] == of_base[j])
				return 1;
	}
	return 0;
}

/* The joining character next to the Ith in direction STEP. */
static UChar32
neighbor(const struct walk *w, int i, int step)
{
	for (i += step; i >= 0 && i < w->n; i += step)
		if (joining(w->p[i]) != U_JT_TRANSPARENT)
			return w->p[i];
	return 0;
}

/* RFC 5892 A.1: a non-joiner parts two letters of a script that would join. */
static int
parts_letters(const struct walk *w)
{
	UChar32 before = neighbor(w, w->i, -1), after = neighbor(w, w->i, 1);
	int left = joining(before), right = joining(after);

	return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
	    (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING) &&
	    shares_script(after, before);
}

static int
is_virama_at(const struct walk *w, int i)
{
	return i >= 0 && i < w->n && u_getCombiningClass(w->p[i]) == VIRAMA;
}

/*
 * RFC 5892 A.1 and A.2 allow a joiner after a virama.  Bengali and Sinhala
 * also have it before one, behind the letter.
 */
static int
joiner_fits(const struct walk *w)
{
	if (w->base == 0)
		return 0;
	if (is_virama_at(w, w->i - 1) || is_virama_at(w, w->i + 1))
		return 1;
	return joining(w->p[w->i]) == U_JT_NON_JOINING && parts_letters(w);
}

/* A selector picks a form of an ideograph, or of a letter of its own script. */
static int
selector_fits(const struct walk *w)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar32 before = w->i > 0 ? w->p[w->i - 1] : 0;

	return u_hasBinaryProperty(before, UCHAR_IDEOGRAPHIC) ||
	    (unicode_is(before, U_GC_L_MASK) &&
		uscript_getScript(before, &status) ==
		    uscript_getScript(w->p[w->i], &status));
}

/* Enclosing marks are allowed only in keycaps, which are emoji. */
static int
mark_fits(const struct walk *w)
{
	UChar32 c = w->p[w->i];

	return w->base != 0 && !unicode_is(c, U_GC_ME_MASK) &&
	    shares_script(c, w->base);
}

static const char *
take(struct walk *w)
{
	UChar32 c = w->p[w->i];

	if (u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL))
		return joiner_fits(w) ? NULL : why_invisible;
	if (u_hasBinaryProperty(c, UCHAR_VARIATION_SELECTOR))
		return selector_fits(w) ? NULL : why_invisible;
	if (c != ' ' && (unicode_is_blank(c) || unicode_is(c, U_GC_C_MASK)))
		return why_invisible;
	if (unicode_is(c, U_GC_M_MASK))
		return mark_fits(w) ? NULL : why_lone;
	w->base = unicode_is(c, U_GC_L_MASK | U_GC_N_MASK) ? c : 0;
	return NULL;
}

static const char *
check_characters(const UChar32 *p, int n)
{
	struct walk w = { .p = p, .n = n };
	const char *why = NULL;

	while (why == NULL && w.i < n) {
		int emoji = unicode_emoji(p + w.i, n - w.i);

		if (emoji > 0) {
			w.base = 0;
			w.i += emoji;
		} else {
			why = take(&w);
			w.i++;
		}
	}
	return why;
}

/* Whether marks pile up on a character of NAME. */
static int
is_stacked(const struct buf *name)
{
	int marks = 0, stacked = 0, found = 0;
	UChar32 c, before = 0;
	struct wide w;

	must(wide_init(&w, name->p, name->len) == 0);
	wide_nfd(&w);
	for (int32_t i = 0; !found && i < w.len; before = c) {
		c = unicode_next(w.p, &i, w.len);
		if (unicode_is(c, U_GC_M_MASK)) {
			marks++;
			stacked += u_getCombiningClass(c) != 0;
		} else
			marks = stacked = 0;
		found = marks > MARKS_MAX || stacked > STACKED_MAX ||
		    (marks > 1 && c == before);
	}
	wide_done(&w);
	return found;
}

/* The characters of NAME into P, which has room; -1: it is not UTF-8. */
static int
decode(const struct buf *name, UChar32 *p)
{
	const uint8_t *s = (const uint8_t *)buf_str(name);
	int32_t i = 0, len = (int32_t)name->len;
	int n = 0;

	while (i < len) {
		U8_NEXT(s, i, len, p[n]);
		if (p[n++] < 0)
			return -1;
	}
	return n;
}

struct limits {
	int characters;
	size_t bytes;
	const char *why;
};

static const char *
check_clean(const struct buf *name, const struct limits *limits)
{
	UChar32 *p = must_alloc((name->len + 1) * sizeof(*p));
	int n = decode(name, p);
	const char *why;

	if (n < 0)
		why = "must be UTF-8";
	else if (n < 1 || n > limits->characters || name->len > limits->bytes)
		why = limits->why;
	else
		why = check_characters(p, n);
	if (why == NULL && is_stacked(name))
		why = why_stacked;
	free(p);
	return why;
}

static const char *
check(const char *text, const struct limits *limits)
{
	struct buf name = BUF_INIT;
	const char *why;

	if (strlen(text) > limits->bytes * NFC_GROWTH)
		return limits->why;
	names_add_clean(text, &name);
	why = check_clean(&name, limits);
	buf_done(&name);
	return why;
}

const char *
names_check_nickname(const char *text)
{
	static const struct limits limits = { NICKNAME_MAX, NICKNAME_BYTES_MAX,
		"must be 1 to 32 characters" };

	return check(text, &limits);
}

const char *
names_check_title(const char *text)
{
	static const struct limits limits = { ROOM_TITLE_MAX,
		(size_t)ROOM_TITLE_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 100 characters" };

	return check(text, &limits);
}
