/*
 * text: the characters that messages may have, and generated nicknames.
 *
 * Everything is UTF-8 (RFC 3629).  Control characters other than tab and line
 * feed are refused, and so is text that shows nothing (unicode_is_blank).
 * Names have stricter rules: db/text/names.h.  Safe from any thread.
 */
#ifndef DB_TEXT_TEXT_H
#define DB_TEXT_TEXT_H

#include "db/base/buf.h"

/* Each returns NULL if TEXT is fine, else the reason, worded for the person. */
const char *text_check_content(const char *text);
const char *text_check_notification(const char *text);
/* An id of the embedding site: 1 to 255 characters in one line. */
const char *text_check_reference(const char *text);

/* Adds TEXT in Unicode normalization form C (UAX 15). */
void text_add_nfc(const char *text, struct buf *);

/* Adds TEXT with a line feed for each CR LF and each CR alone. */
void text_add_lines(const char *text, struct buf *);

/*
 * Adds a readable generated nickname, Korean if the Accept-Language (RFC 9110;
 * NULL: none) prefers that to English, else English.
 */
void text_add_generated(const char *accept_language, struct buf *);

#endif
