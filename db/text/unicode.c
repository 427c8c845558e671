#include "db/text/unicode.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "db/base/must.h"

enum {
	UTF8_PER_UTF16 = 3,
	NAME_SIZE = 128,
	ZERO_WIDTH_JOINER = 0x200d,
	TEXT_STYLE = 0xfe0e, /* variation selectors 15 and 16: */
	EMOJI_STYLE = 0xfe0f,
	SEQUENCE_MAX = 16 /* of characters, none of more than two units */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const UNormalizer2 *nfc, *nfd, *casefold;

static void
setup(void)
{
	UErrorCode status = U_ZERO_ERROR;

	nfc = unorm2_getNFCInstance(&status);
	nfd = unorm2_getNFDInstance(&status);
	casefold = unorm2_getNFKCCasefoldInstance(&status);
	must(U_SUCCESS(status));
}

int
wide_init(struct wide *w, const char *text, size_t len)
{
	UErrorCode status = U_ZERO_ERROR;

	must(len < INT32_MAX);
	w->p = must_alloc((len + 1) * sizeof(*w->p));
	(void)u_strFromUTF8(
	    w->p, (int32_t)len + 1, &w->len, text, (int32_t)len, &status);
	if (U_SUCCESS(status))
		return 0;
	wide_done(w);
	return -1;
}

void
wide_done(struct wide *w)
{
	free(w->p);
	w->p = NULL;
	w->len = 0;
}

void
wide_narrow(const struct wide *w, struct buf *b)
{
	int32_t room = w->len * UTF8_PER_UTF16 + 1, len;
	UErrorCode status = U_ZERO_ERROR;

	(void)u_strToUTF8(
	    buf_space(b, (size_t)room), room, &len, w->p, w->len, &status);
	must(U_SUCCESS(status));
	b->len += (size_t)len;
}

static void
normalize(struct wide *w, const UNormalizer2 *const *form)
{
	int32_t room = w->len + 1, len;
	UErrorCode status;
	UChar *to = NULL;

	must(pthread_once(&once, setup) == 0);
	do {
		to = must_realloc(to, (size_t)room * sizeof(*to));
		status = U_ZERO_ERROR;
		len = unorm2_normalize(*form, w->p, w->len, to, room, &status);
		room = len + 1;
	} while (status == U_BUFFER_OVERFLOW_ERROR);
	must(U_SUCCESS(status));
	free(w->p);
	w->p = to;
	w->len = len;
}

void
wide_nfc(struct wide *w)
{
	normalize(w, &nfc);
}

void
wide_nfd(struct wide *w)
{
	normalize(w, &nfd);
}

void
wide_fold(struct wide *w)
{
	normalize(w, &casefold);
}

void
wide_capitals(struct wide *w)
{
	int32_t room = w->len + 1, len;
	UErrorCode status;
	UChar *to = NULL;

	do {
		to = must_realloc(to, (size_t)room * sizeof(*to));
		status = U_ZERO_ERROR;
		len = u_strToUpper(to, room, w->p, w->len, "", &status);
		room = len + 1;
	} while (status == U_BUFFER_OVERFLOW_ERROR);
	must(U_SUCCESS(status));
	wide_done(w);
	w->p = to;
	w->len = len;
}

UChar32
unicode_next(const UChar *p, int32_t *i, int32_t len)
{
	uint32_t c = p[(*i)++], trail;

	if (!U16_IS_LEAD(c) || *i == len)
		return (UChar32)c;
	trail = p[*i];
	if (!U16_IS_TRAIL(trail))
		return (UChar32)c;
	++*i;
	return U16_GET_SUPPLEMENTARY(c, trail);
}

int
unicode_is(UChar32 c, uint32_t mask)
{
	return (U_GET_GC_MASK(c) & mask) != 0;
}

/* Whether WORD is one of those in NAME, which have spaces between them. */
static int
has_word(const char *name, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = name; (p = strstr(p, word)) != NULL; p += len)
		if ((p == name || p[-1] == ' ') &&
		    (p[len] == '\0' || p[len] == ' '))
			return 1;
	return 0;
}

/* A few letters, marks and symbols are invisible; only their names say so. */
static int
is_blank_by_name(UChar32 c)
{
	static const char *const words[] = { "BLANK", "FILLER", "NULL" };
	UErrorCode status = U_ZERO_ERROR;
	char name[NAME_SIZE];

	(void)u_charName(c, U_UNICODE_CHAR_NAME, name, sizeof(name), &status);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (U_SUCCESS(status) && has_word(name, words[i]))
			return 1;
	return 0;
}

int
unicode_is_blank(UChar32 c)
{
	if (c > ' ' && c <= '~')
		return 0;
	return unicode_is(c, U_GC_Z_MASK | U_GC_CC_MASK | U_GC_CF_MASK) ||
	    u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	    u_getIntPropertyValue(c, UCHAR_LINE_BREAK) ==
	    U_LB_CONTINGENT_BREAK ||
	    is_blank_by_name(c);
}

UChar32
unicode_latin(UChar32 c)
{
	static const char *const forms[] = { "LATIN CAPITAL LETTER ",
		"LATIN LETTER SMALL CAPITAL ",
		"REGIONAL INDICATOR SYMBOL LETTER " };
	UErrorCode status = U_ZERO_ERROR;
	char name[NAME_SIZE];
	const char *p;

	if (c <= '~' || !unicode_is(c, U_GC_L_MASK | U_GC_SO_MASK))
		return 0;
	(void)u_charName(c, U_UNICODE_CHAR_NAME, name, sizeof(name), &status);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		p = U_SUCCESS(status) ? strstr(name, forms[i]) : NULL;
		if (p != NULL && strlen(p) == strlen(forms[i]) + 1)
			return p[strlen(forms[i])];
	}
	return 0;
}

/* Whether the N characters at P are a sequence that has PROPERTY. */
static int
is_sequence(const UChar32 *p, int n, UProperty property)
{
	UChar units[2 * SEQUENCE_MAX];
	int32_t len = 0;

	if (n > SEQUENCE_MAX)
		return 0;
	for (int i = 0; i < n; i++)
		U16_APPEND_UNSAFE(units, len, p[i]);
	return u_stringHasBinaryProperty(units, len, property);
}

static int
is_regional(UChar32 c)
{
	return u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR);
}

static int
is_pictograph(UChar32 c)
{
	return u_isdefined(c) &&
	    u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC);
}

/* The tag characters that spell the flags of regions. */
static int
is_tag(UChar32 c)
{
	return c != ZERO_WIDTH_JOINER && unicode_is(c, U_GC_CF_MASK) &&
	    u_hasBinaryProperty(c, UCHAR_EMOJI_COMPONENT);
}

/* A pictograph at P, with the characters that modify it. */
static int
pictograph(const UChar32 *p, int n)
{
	int tags = 1;

	while (tags < n && is_tag(p[tags]))
		tags++;
	if (tags > 1)
		return is_sequence(p, tags, UCHAR_RGI_EMOJI_TAG_SEQUENCE) ?
		    tags :
		    1;
	if (n > 1 &&
	    (p[1] == TEXT_STYLE || p[1] == EMOJI_STYLE ||
		u_hasBinaryProperty(p[1], UCHAR_EMOJI_MODIFIER)))
		return 2;
	return 1;
}

int
unicode_emoji(const UChar32 *p, int n)
{
	enum { FLAG = 2, KEYCAP = 3 };
	int len;

	if (n >= FLAG && is_regional(p[0]) && is_regional(p[1]))
		return FLAG;
	if (n >= KEYCAP && is_sequence(p, KEYCAP, UCHAR_EMOJI_KEYCAP_SEQUENCE))
		return KEYCAP;
	if (n == 0 || !is_pictograph(p[0]))
		return 0;
	len = pictograph(p, n);
	while (len + 1 < n && p[len] == ZERO_WIDTH_JOINER &&
	    is_pictograph(p[len + 1]))
		len += 1 + pictograph(p + len + 1, n - len - 1);
	return len;
}
