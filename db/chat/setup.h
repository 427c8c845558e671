/*
 * setup: whether the settings can be used, beyond what their table can say of
 * one number.
 *
 * Every program asks before it starts, under -n, and in `parlor check`.
 */
#ifndef DB_CHAT_SETUP_H
#define DB_CHAT_SETUP_H

#include "db/base/settings.h"

/*
 * Looks at all of them and loads what they ask for (db/chat/jwt.h).  0; -1: some
 * are wrong, and a line on stderr said so for each.
 */
int setup_check(const struct settings *) __attribute__((warn_unused_result));

/* Says on stdout, under -n, that the settings can be used. */
void setup_say_usable(void);

/* Where parlor-api listens: api_listen, else listen; "": nowhere. */
const char *setup_api_at(const struct settings *);

#endif
