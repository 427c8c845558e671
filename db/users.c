#include "db/users.h"

#include <assert.h>
#include <sodium.h>
#include <strings.h>

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/stmt.h"

enum { MAKE, ADD_TOKEN, BY_TOKEN, MADE, SECRET, N_SQL };
static const char *const sql[N_SQL] = {
	[MAKE] = "INSERT INTO user (made) VALUES (?)",
	[ADD_TOKEN] = "INSERT INTO token (hash, user, made) VALUES (?, ?, ?)",
	[BY_TOKEN] = "SELECT user FROM token WHERE hash = ?",
	[MADE] = "SELECT made FROM user WHERE id = ?",
	[SECRET] = "SELECT secret FROM meta WHERE one = 1",
};
const struct sql users_sql = { SQL_USERS, sql, N_SQL };

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, BYTE_BITS = 8 };

static void
hash_token(const char *token, unsigned char hash[TOKEN_HASH_LEN])
{
	must(crypto_generichash(hash, TOKEN_HASH_LEN,
		 (const unsigned char *)token, TOKEN_LEN, NULL, 0) == 0);
}

enum db_rc
users_make(struct db *db, struct user_id *user, struct token *token)
{
	enum db_rc rc = stmt_run(db, &users_sql, MAKE, ARGS(INT(clock_wall())));

	if (rc != DB_OK)
		return rc;
	user->n = stmt_last_id(db);
	return users_add_token(db, *user, token);
}

enum db_rc
users_add_token(struct db *db, struct user_id user, struct token *token)
{
	unsigned char hash[TOKEN_HASH_LEN];

	ids_make_token(token);
	hash_token(token->s, hash);
	return stmt_run(db, &users_sql, ADD_TOKEN,
	    ARGS(BLOB(hash, sizeof(hash)), INT(user.n), INT(clock_wall())));
}

enum db_rc
users_by_token(struct db *db, const char *text, struct user_id *user)
{
	unsigned char hash[TOKEN_HASH_LEN];

	if (strlen(text) != TOKEN_LEN)
		return DB_NONE;
	hash_token(text, hash);
	return stmt_one(
	    db, &users_sql, BY_TOKEN, ARGS(BLOB(hash, sizeof(hash))), &user->n);
}

const char *
users_bearer(const char *authorization, const char *parlor_token)
{
	static const char scheme[] = "Bearer ";
	size_t n = sizeof(scheme) - 1;

	if (authorization != NULL &&
	    strncasecmp(authorization, scheme, n) == 0) {
		authorization += n + strspn(authorization + n, " ");
		if (*authorization != '\0')
			return authorization;
	}
	return parlor_token != NULL && *parlor_token != '\0' ? parlor_token :
							       NULL;
}

enum db_rc
users_made(struct db *db, struct user_id user, int64_t *made)
{
	return stmt_one(db, &users_sql, MADE, ARGS(INT(user.n)), made);
}

/* What is signed: the user and the time, big end first. */
enum { NUMBER = 8, PAYLOAD = 2 * NUMBER };

static void
put_number(unsigned char *to, int64_t n)
{
	for (int i = NUMBER - 1; i >= 0; i--) {
		to[i] = (unsigned char)(n & UINT8_MAX);
		n >>= BYTE_BITS;
	}
}

static int64_t
get_number(const unsigned char *from)
{
	uint64_t n = 0;

	for (int i = 0; i < NUMBER; i++)
		n = n << BYTE_BITS | from[i];
	return (int64_t)n;
}

static enum db_rc
read_secret(struct db *db, unsigned char key[crypto_auth_KEYBYTES])
{
	struct stmt *s = stmt_begin(db, &users_sql, SECRET, NO_ARGS);
	enum db_rc rc = stmt_next(s);
	const void *blob;
	size_t len;

	if (rc == DB_OK) {
		blob = stmt_blob(s, 0, &len);
		must(len == crypto_auth_KEYBYTES);
		memcpy(key, blob, len);
	}
	stmt_end(s);
	return rc;
}

static void
add_base64(struct buf *b, const unsigned char *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, BASE64);

	(void)sodium_bin2base64(buf_space(b, size), size, bytes, len, BASE64);
	b->len += size - 1;
}

enum db_rc
tickets_make(
    struct db *db, struct user_id user, int64_t expires, struct buf *ticket)
{
	unsigned char key[crypto_auth_KEYBYTES], mac[crypto_auth_BYTES];
	unsigned char payload[PAYLOAD];
	enum db_rc rc = read_secret(db, key);

	if (rc != DB_OK)
		return rc;
	put_number(payload, user.n);
	put_number(payload + NUMBER, expires);
	must(crypto_auth(mac, payload, sizeof(payload), key) == 0);
	sodium_memzero(key, sizeof(key));
	add_base64(ticket, payload, sizeof(payload));
	buf_addc(ticket, '.');
	add_base64(ticket, mac, sizeof(mac));
	return DB_OK;
}

/* 0 when TEXT is base64 of exactly SIZE bytes up to END. */
static int
read_base64(const char *text, const char *end, unsigned char *to, size_t size)
{
	const char *stop;
	size_t len;

	if (sodium_base642bin(to, size, text, (size_t)(end - text), NULL, &len,
		&stop, BASE64) != 0)
		return -1;
	return len == size && stop == end ? 0 : -1;
}

enum db_rc
tickets_check(struct db *db, const char *text, struct user_id *user)
{
	unsigned char key[crypto_auth_KEYBYTES], mac[crypto_auth_BYTES];
	unsigned char payload[PAYLOAD];
	const char *dot = strchr(text, '.');
	enum db_rc rc;
	int bad;

	if (dot == NULL ||
	    read_base64(text, dot, payload, sizeof(payload)) != 0 ||
	    read_base64(dot + 1, dot + 1 + strlen(dot + 1), mac, sizeof(mac)))
		return DB_NONE;
	rc = read_secret(db, key);
	if (rc != DB_OK)
		return rc;
	bad = crypto_auth_verify(mac, payload, sizeof(payload), key);
	sodium_memzero(key, sizeof(key));
	if (bad || get_number(payload + NUMBER) <= clock_wall())
		return DB_NONE;
	user->n = get_number(payload);
	return DB_OK;
}
