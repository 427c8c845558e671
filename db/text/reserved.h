/*
 * reserved: names that only the people who run the site may use.
 *
 * The setting reserved_names lists them.  A nickname is reserved if it, or
 * any consecutive words of it, look the same as one of them
 * (db/text/lookalike.h).  Accents and digits around a word make no difference.
 * Members may not take such a name; a room's owner and its moderators may.
 */
#ifndef DB_TEXT_RESERVED_H
#define DB_TEXT_RESERVED_H

#include "db/base/settings.h"
#include "db/text/lookalike.h"

/* Before any thread: takes the setting.  Without it nothing is reserved. */
void reserved_setup(const struct settings *);

/*
 * 1: NICKNAME, which has these WORDS (lookalike_words), is reserved.  Safe
 * from any thread.
 */
int reserved_holds(const char *nickname, const struct lookalike *words);

#endif
