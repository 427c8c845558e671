/*
 * setup: checks of settings that go beyond a single value.
 *
 * Every program makes them before it starts and under -n; `parlor check` makes
 * them too.
 */
#ifndef DB_CHAT_SETUP_H
#define DB_CHAT_SETUP_H

#include "db/base/settings.h"

/*
 * Checks all settings and loads what they need (db/chat/jwts.h).  0; -1: some
 * cannot be used, and for each a line on stderr said why.
 */
int setup_check(const struct settings *) __attribute__((warn_unused_result));

/* Says on stdout, under -n, that the settings can be used. */
void setup_say_usable(void);

/* Where parlor-api listens: api_listen, else listen; "": nowhere. */
const char *setup_api_at(const struct settings *);

#endif
