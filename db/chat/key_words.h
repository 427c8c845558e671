/*
 * key_words: the names of service keys, and the words for their scopes.
 */
#ifndef DB_CHAT_KEY_WORDS_H
#define DB_CHAT_KEY_WORDS_H

#include "db/base/buf.h"

enum { KEY_WORDS_NAME_MAX = 40 };

/* The bit of enum key_scope (db/rows/keys.h) called WORD; 0: there is none. */
unsigned key_words_scope(const char *word);

/* Appends the words for BITS, with spaces between. */
void key_words_add_scopes(unsigned bits, struct buf *);

/* [a-z0-9._-]{1,40}: 1 when NAME may be a key's. */
int key_words_name_ok(const char *name);

#endif
