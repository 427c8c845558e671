/*
 * names: the characters that a nickname or a room's title may have.
 *
 * People must see a name and tell it from other names.  It is judged by the
 * properties of its characters, never by a list of them: any letter, digit,
 * punctuation and symbol is allowed; a mark needs a letter of its script;
 * blank characters are refused.  Joiners are allowed where a script (RFC 5892
 * A.1 and A.2) or an emoji (UTS 51) needs them.
 *
 * Whether two names look the same is another question: db/text/lookalike.h.
 * Safe from any thread.
 */
#ifndef DB_TEXT_NAMES_H
#define DB_TEXT_NAMES_H

#include "db/base/buf.h"

/*
 * Adds TEXT as a name is kept: in form C (UAX 15), every space (Unicode's
 * category Zs) plain, one between words and none at the ends.
 */
void names_add_clean(const char *text, struct buf *);

/* NULL if TEXT, once clean, is fine; else the reason, worded for the person. */
const char *names_check_nickname(const char *text);
const char *names_check_title(const char *text);

#endif
