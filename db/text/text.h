/*
 * text: what people may write at length, and generated nicknames.
 *
 * Everything is UTF-8 (RFC 3629).  Control characters are refused but for tab
 * and line feed, and so is what people would see nothing of
 * (unicode_is_blank).  Names have stricter rules: db/text/names.h.  Safe from any
 * thread.
 */
#ifndef DB_TEXT_TEXT_H
#define DB_TEXT_TEXT_H

#include "db/base/buf.h"

/* Each gives NULL when TEXT is fine, else why not, for the person. */
const char *text_check_content(const char *text);
const char *text_check_notification(const char *text);
/* What others call something of theirs: 1 to 255 characters in one line. */
const char *text_check_reference(const char *text);

/* Adds TEXT in Unicode normalization form C (UAX 15). */
void text_add_nfc(const char *text, struct buf *);

/* Adds TEXT with a line feed for each CR LF and each CR alone. */
void text_add_lines(const char *text, struct buf *);

/*
 * Adds a readable generated nickname, Korean when the Accept-Language (RFC
 * 9110; NULL: none) likes that better than English, else English.
 */
void text_add_generated(const char *accept_language, struct buf *);

#endif
