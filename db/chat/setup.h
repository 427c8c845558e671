/*
 * setup: checks of the settings that their table cannot make of one value.
 *
 * Every program asks before it starts, under -n, and in `parlor check`.
 */
#ifndef DB_CHAT_SETUP_H
#define DB_CHAT_SETUP_H

#include "db/base/settings.h"

/*
 * Checks all of them and loads what they ask for (db/chat/jwts.h).  0; -1:
 * some cannot be used, and a line on stderr said why for each.
 */
int setup_check(const struct settings *) __attribute__((warn_unused_result));

/* Says on stdout, under -n, that the settings can be used. */
void setup_say_usable(void);

/* Where parlor-api listens: api_listen, else listen; "": nowhere. */
const char *setup_api_at(const struct settings *);

#endif
