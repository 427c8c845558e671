/*
 * text: what people may write, and what looks the same.
 *
 * UTF-8 (RFC 3629) is checked everywhere; names refuse control, format,
 * bidi-override, zero-width, private, surrogate and unassigned code points
 * and white space other than single inner spaces; messages refuse control
 * characters but for tab and line feed.  Uses ICU.  Safe from any thread.
 */
#ifndef DB_TEXT_H
#define DB_TEXT_H

#include "db/base/buf.h"

/* Each gives NULL when TEXT is fine, else why not, for the person. */
const char *text_check_nickname(const char *text);
const char *text_check_title(const char *text);
const char *text_check_content(const char *text);
const char *text_check_notification(const char *text);
/* What others call something of theirs: 1 to 255 characters in one line. */
const char *text_check_reference(const char *text);

/* Adds TEXT in Unicode normalization form C (UAX 15). */
void text_add_nfc(const char *text, struct buf *);

/*
 * Adds the key by which two nicknames that people take for the same are
 * equal: NFKC_Casefold, the skeleton of UTS 39, and folded again because
 * skeletons hold capitals ("0" is like "O").  Folding turns the I that looks
 * like l into i, so i and l are one as well: rather one name too few.
 */
void text_add_key(const char *nickname, struct buf *);

/*
 * Adds a readable generated nickname, Korean when the Accept-Language (RFC
 * 9110; NULL: none) likes that better than English, else English.
 */
void text_add_generated(const char *accept_language, struct buf *);

#endif
