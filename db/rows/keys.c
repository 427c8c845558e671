#include "db/rows/keys.h"

#include "db/base/clock.h"
#include "db/rows/sql.h"
#include "db/rows/secrets.h"

enum { ADD, FIND, BY_NAME, REVOKE, EACH, N_SQL };
static const char *const sql[N_SQL] = {
	[ADD] = "INSERT INTO service_key (name, hash, scopes, person, made)"
		" VALUES (?, ?, ?, ?, ?)",
	[FIND] = "SELECT id, person, scopes FROM service_key"
		 " WHERE hash = ? AND revoked IS NULL",
	[BY_NAME] = "SELECT person FROM service_key"
		    " WHERE name = ? AND revoked IS NULL",
	[REVOKE] = "UPDATE service_key SET revoked = ? WHERE name = ?",
	[EACH] = "SELECT name, scopes, made, revoked FROM service_key"
		 " WHERE name > '' ORDER BY name",
};
const struct sql keys_sql = { SQL_KEYS, sql, N_SQL };

static const char prefix[] = "pk_";

int
keys_look_like(const char *text, size_t len)
{
	return len == KEY_LEN && memcmp(text, prefix, KEY_PREFIX_LEN) == 0;
}

void
keys_make(struct key_text *text)
{
	struct token token;

	ids_make_token(&token);
	memcpy(text->s, prefix, KEY_PREFIX_LEN);
	memcpy(text->s + KEY_PREFIX_LEN, token.s, TOKEN_LEN + 1);
}

enum db_rc
keys_insert(struct db *db, const char *name, unsigned bits, struct user_id user,
    const struct key_text *text)
{
	unsigned char hash[SECRET_HASH_LEN];

	secrets_hash(text->s, KEY_LEN, hash);
	return stmt_run(db, &keys_sql, ADD,
	    ARGS(TEXT(name), BLOB(hash, sizeof(hash)), INT((int64_t)bits),
		INT(user.n), INT(clock_wall())));
}

enum db_rc
keys_find(struct db *db, const char *text, struct service_key *key)
{
	unsigned char hash[SECRET_HASH_LEN];
	struct stmt *s;
	enum db_rc rc;

	if (!keys_look_like(text, strlen(text)))
		return DB_NONE;
	secrets_hash(text, KEY_LEN, hash);
	s = stmt_begin(db, &keys_sql, FIND, ARGS(BLOB(hash, sizeof(hash))));
	rc = stmt_next(s);
	if (rc == DB_OK)
		*key = (struct service_key){ { stmt_int(s, 0) },
			{ stmt_int(s, 1) }, (unsigned)stmt_int(s, 2) };
	stmt_end(s);
	return rc;
}

enum db_rc
keys_revoke(struct db *db, const char *name, struct user_id *user)
{
	enum db_rc rc =
	    stmt_one(db, &keys_sql, BY_NAME, ARGS(TEXT(name)), &user->n);

	return rc == DB_OK ? stmt_run(db, &keys_sql, REVOKE,
				 ARGS(INT(clock_wall()), TEXT(name))) :
			     rc;
}

enum db_rc
keys_each(
    struct db *db, void (*fn)(const struct key_line *, void *arg), void *arg)
{
	enum { NAME, SCOPES, MADE, REVOKED };
	struct stmt *s = stmt_begin(db, &keys_sql, EACH, NO_ARGS);
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK) {
		struct key_line line = { stmt_text(s, NAME, NULL),
			(unsigned)stmt_int(s, SCOPES), stmt_int(s, MADE),
			stmt_int(s, REVOKED) };

		fn(&line, arg);
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}
