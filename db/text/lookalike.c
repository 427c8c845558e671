#include "db/text/lookalike.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/utf16.h>
#include <unicode/uversion.h>

#include "db/base/must.h"
#include "db/text/unicode.h"

enum {
	COMBINING_DOT_ABOVE = 0x307,
	ABOVE = 230, /* the combining class of marks above */
	/*
	 * Punctuation that is part of a letter's prototype is moved to a
	 * private plane, where nothing takes it for punctuation.
	 */
	APART = 0x100000,
	PARTED = 0x10fffd /* a temporary mark between characters */
};

enum keep { KEEP_LETTERS, KEEP_ALL };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static USpoofChecker *spoof;

static void
setup(void)
{
	UErrorCode status = U_ZERO_ERROR;

	spoof = uspoof_open(&status);
	must(U_SUCCESS(status));
}

static int
is_letter(UChar32 c)
{
	return c >= APART ||
	    unicode_is(c, U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK);
}

/* Characters that only join others or pick a form of them. */
static int
is_ignored(UChar32 c)
{
	return unicode_is(c, U_GC_CF_MASK) ||
	    u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	    u_getIntPropertyValue(c, UCHAR_JOINING_TYPE) == U_JT_JOIN_CAUSING;
}

/*
 * Letters that are used as punctuation: modifiers such as U+02BC, and letters
 * of cased scripts, such as the click U+01C3, that look only like punctuation.
 */
static int
is_punctuation_by_look(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;

	return unicode_is(c, U_GC_LM_MASK) ||
	    uscript_isCased(uscript_getScript(c, &status));
}

static void
put(struct buf *units, UChar32 c)
{
	UChar u[U16_MAX_LENGTH];
	int32_t n = 0;

	U16_APPEND_UNSAFE(u, n, c);
	buf_add(units, u, (size_t)n * sizeof(*u));
}

/* Replaces W's text by UNITS. */
static void
take_units(struct wide *w, struct buf *units)
{
	wide_done(w);
	w->len = (int32_t)(units->len / sizeof(*w->p));
	w->p = must_alloc(units->len + sizeof(*w->p));
	if (units->len > 0)
		memcpy(w->p, units->p, units->len);
	buf_done(units);
}

static int
holds_letter(const UChar *units, int32_t len)
{
	UChar32 c;

	for (int32_t i = 0; i < len;) {
		c = unicode_next(units, &i, len);
		if (is_letter(c))
			return 1;
	}
	return 0;
}

/* The text that C, which looks like LIKE, adds to a key; a space: left out. */
static void
put_letters(UChar32 c, const UChar *like, int32_t len, struct buf *units)
{
	int letter = is_letter(c);
	UChar32 d;

	if (letter && !holds_letter(like, len)) {
		put(units, is_punctuation_by_look(c) ? ' ' : c);
		return;
	}
	for (int32_t i = 0; i < len;) {
		d = unicode_next(like, &i, len);
		if (is_letter(d))
			put(units, d);
		else
			put(units,
			    letter && d < PARTED - APART ? d + APART : ' ');
	}
}

static void
put_whole(UChar32 c, const UChar *like, int32_t len, struct buf *units)
{
	if (!unicode_is(c, U_GC_Z_MASK))
		buf_add(units, like, (size_t)len * sizeof(*like));
}

/* Drops W's ignored characters and puts PARTED behind each of the others. */
static void
part(struct wide *w)
{
	struct buf units = BUF_INIT;
	UChar32 c;

	for (int32_t i = 0; i < w->len;) {
		c = unicode_next(w->p, &i, w->len);
		if (c != PARTED && !is_ignored(c)) {
			put(&units, c);
			put(&units, PARTED);
		}
	}
	take_units(w, &units);
}

/* The skeleton of W, character by character. */
static void
prototypes(const struct wide *w, struct wide *to)
{
	int32_t room = w->len + 1;
	UErrorCode status;

	to->p = NULL;
	do {
		to->p = must_realloc(to->p, (size_t)room * sizeof(*to->p));
		status = U_ZERO_ERROR;
		to->len = uspoof_getSkeleton(
		    spoof, 0, w->p, w->len, to->p, room, &status);
		room = to->len + 1;
	} while (status == U_BUFFER_OVERFLOW_ERROR);
	must(U_SUCCESS(status));
}

/* Units of TO from I on that stand before the next PARTED. */
static int32_t
upto_parted(const struct wide *to, int32_t i)
{
	int32_t from = i, at = i;

	while (at < to->len && unicode_next(to->p, &i, to->len) != PARTED)
		at = i;
	return at - from;
}

static void
to_prototypes(struct wide *w, enum keep keep)
{
	struct buf units = BUF_INIT;
	int32_t i = 0, j = 0, len;
	struct wide like;
	UChar32 c;

	wide_nfd(w);
	part(w);
	prototypes(w, &like);
	while (i < w->len) {
		c = unicode_next(w->p, &i, w->len);
		len = upto_parted(&like, j);
		if (keep == KEEP_ALL)
			put_whole(c, like.p + j, len, &units);
		else
			put_letters(c, like.p + j, len, &units);
		j += len + U16_LENGTH(PARTED);
		i += U16_LENGTH(PARTED);
	}
	wide_done(&like);
	take_units(w, &units);
	wide_nfd(w);
}

/* Soft_Dotted (Unicode 3.13): another dot above such a letter is not seen. */
static void
drop_second_dots(struct wide *w)
{
	struct buf units = BUF_INIT;
	int dotted = 0;
	UChar32 c;

	for (int32_t i = 0; i < w->len;) {
		c = unicode_next(w->p, &i, w->len);
		if (c == COMBINING_DOT_ABOVE && dotted)
			continue;
		if (u_getCombiningClass(c) == 0)
			dotted = u_hasBinaryProperty(c, UCHAR_SOFT_DOTTED);
		else if (u_getCombiningClass(c) == ABOVE)
			dotted = 0;
		put(&units, c);
	}
	take_units(w, &units);
}

static void
to_skeleton(struct wide *w, enum keep keep)
{
	to_prototypes(w, keep);
	drop_second_dots(w);
}

/* Adds W with i and l made one letter, and with one space between words. */
static void
add_words(struct wide *w, struct buf *to)
{
	struct buf plain = BUF_INIT;
	int space = 0;
	size_t from = to->len;

	for (int32_t i = 0; i < w->len; i++)
		if (w->p[i] == 'i')
			w->p[i] = 'l';
	wide_narrow(w, &plain);
	for (size_t i = 0; i < plain.len; i++)
		if (plain.p[i] == ' ') {
			space = to->len > from;
		} else {
			if (space)
				buf_addc(to, ' ');
			buf_addc(to, plain.p[i]);
			space = 0;
		}
	buf_done(&plain);
}

/* Replaces characters by the letters that they are forms of by name. */
static void
spell_out(struct wide *w)
{
	struct buf units = BUF_INIT;
	UChar32 c, latin;

	for (int32_t i = 0; i < w->len;) {
		c = unicode_next(w->p, &i, w->len);
		latin = unicode_latin(c);
		put(&units, latin != 0 ? latin : c);
	}
	take_units(w, &units);
}

/* Puts NAME into the form that the key WHICH is the skeleton of. */
static void
to_form(struct wide *name, int which)
{
	if (which != KEY_WRITTEN)
		wide_fold(name);
	if (which == KEY_CAPITAL) {
		spell_out(name);
		wide_capitals(name);
	}
}

static void
make(const char *name, int which, enum keep keep, struct buf *to)
{
	struct wide w;

	if (wide_init(&w, name, strlen(name)) != 0) {
		buf_adds(to, name);
		return;
	}
	to_form(&w, which);
	to_skeleton(&w, keep);
	wide_fold(&w);
	to_skeleton(&w, keep);
	add_words(&w, to);
	wide_done(&w);
}

void
lookalike_done(struct lookalike *l)
{
	for (int i = 0; i < LOOKALIKE_KEYS; i++)
		buf_done(&l->key[i]);
}

void
lookalike_words(const char *name, struct lookalike *l)
{
	must(pthread_once(&once, setup) == 0);
	for (int i = 0; i < LOOKALIKE_KEYS; i++) {
		buf_clear(&l->key[i]);
		make(name, i, KEEP_LETTERS, &l->key[i]);
	}
}

static void
drop_spaces(struct buf *b)
{
	size_t len = 0;

	for (size_t i = 0; i < b->len; i++)
		if (b->p[i] != ' ')
			b->p[len++] = b->p[i];
	b->len = len;
	if (b->p != NULL)
		b->p[len] = '\0';
}

void
lookalike_join(const char *name, struct lookalike *l)
{
	for (int i = 0; i < LOOKALIKE_KEYS; i++) {
		drop_spaces(&l->key[i]);
		if (l->key[i].len == 0)
			make(name, i, KEEP_ALL, &l->key[i]);
	}
}

void
lookalike_keys(const char *name, struct lookalike *l)
{
	lookalike_words(name, l);
	lookalike_join(name, l);
}

int
lookalike_meet(const struct lookalike *a, const struct lookalike *b)
{
	for (int i = 0; i < LOOKALIKE_KEYS; i++)
		for (int j = 0; j < LOOKALIKE_KEYS; j++)
			if (strcmp(buf_str(&a->key[i]), buf_str(&b->key[j])) ==
			    0)
				return 1;
	return 0;
}

void
lookalike_add_version(struct buf *b)
{
	char text[U_MAX_VERSION_STRING_LENGTH];
	UVersionInfo icu;

	u_getVersion(icu);
	u_versionToString(icu, text);
	buf_addf(b, "%d icu %s", LOOKALIKE_RULES, text);
}
