/*
 * keys: the table `service_key`: the keys of the embedding site's back end.
 *
 * A service key is "pk_" and 256 random bits, printed once and stored as its
 * hash.  It acts as a user of its own, which owns what it makes, and may do
 * what its scopes say.  A revoked key stays in the list but is no longer
 * accepted.
 */
#ifndef DB_ROWS_KEYS_H
#define DB_ROWS_KEYS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

enum key_scope { KEY_ROOMS = 1, KEY_ALERTS = 2, KEY_NOTIFICATIONS = 4 };

enum { KEY_PREFIX_LEN = 3, KEY_LEN = KEY_PREFIX_LEN + TOKEN_LEN };

struct key_text {
	char s[KEY_LEN + 1];
};

struct service_key {
	struct key_id id;
	struct user_id user;
	unsigned scopes; /* bits of enum key_scope */
};

/* 1 when TEXT has the form of a key. */
int keys_look_like(const char *text, size_t len);

/* A new random key, which nobody has yet. */
void keys_make(struct key_text *);

/*
 * In a write transaction: the key acts as USER.  DB_CONFLICT: a key called
 * NAME exists or existed.
 */
enum db_rc keys_insert(struct db *, const char *name, unsigned scopes,
    struct user_id, const struct key_text *) DB_CHECK;

/* The key TEXT (any text from outside).  DB_NONE: it is not a valid key. */
enum db_rc keys_find(
    struct db *, const char *text, struct service_key *) DB_CHECK;

/*
 * In a write transaction: revokes the key.  *USER is the user that it acted
 * as.  DB_NONE: no valid key is called NAME.
 */
enum db_rc keys_revoke(
    struct db *, const char *name, struct user_id *) DB_CHECK;

/* A key as the list shows it; its name is lent for the call. */
struct key_line {
	const char *name;
	unsigned scopes; /* bits of enum key_scope */
	int64_t made; /* wall ms */
	int64_t revoked; /* 0: still valid */
};

/* Calls FN for every key, in the order of their names. */
enum db_rc keys_each(struct db *,
    void (*fn)(const struct key_line *, void *arg), void *arg) DB_CHECK;

#endif
