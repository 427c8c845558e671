/*
 * unicode: text converted for ICU, and the properties of its characters.
 *
 * Everything here asks ICU for properties of characters; no list of
 * characters is kept.  Safe from any thread.
 */
#ifndef DB_TEXT_UNICODE_H
#define DB_TEXT_UNICODE_H

#include <stddef.h>
#include <unicode/utypes.h>

#include "db/base/buf.h"

/* A text in UTF-16.  It owns P. */
struct wide {
	UChar *p;
	int32_t len;
};

/* 0, or -1: TEXT is not UTF-8, and there is nothing to free. */
int wide_init(struct wide *, const char *text, size_t len);
void wide_done(struct wide *);

/* Adds the text in UTF-8. */
void wide_narrow(const struct wide *, struct buf *);

/* Normalization forms C and D (UAX 15), and NFKC_Casefold (Unicode 3.13). */
void wide_nfc(struct wide *);
void wide_nfd(struct wide *);
void wide_fold(struct wide *);

/* Capitals in the place of small letters, as in no particular language. */
void wide_capitals(struct wide *);

/* The character at *I of the LEN units at P; *I moves on to the next. */
UChar32 unicode_next(const UChar *p, int32_t *i, int32_t len);

/*
 * Whether C has one of the general categories in MASK, which is made of ICU's
 * U_GC_*_MASK.
 */
int unicode_is(UChar32 c, uint32_t mask);

/*
 * Whether C leaves no mark where it stands: a space, a control or format
 * character, a default-ignorable one, a place for an object, or a character
 * that is blank by its name in the standard.
 */
int unicode_is_blank(UChar32 c);

/*
 * The ASCII capital that C is a form of by its name in the standard, as a small
 * capital, a letter in a filled square or a regional indicator is; 0: of none.
 */
UChar32 unicode_latin(UChar32 c);

/*
 * How many of the N characters at P are one emoji: a flag, a keycap, or emoji
 * with their modifiers and selectors, joined by ZERO WIDTH JOINER (UTS 51,
 * ED-17a).  0: no emoji begins at P.
 */
int unicode_emoji(const UChar32 *p, int n);

#endif
