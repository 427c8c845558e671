#include "db/rows/users.h"

#include <assert.h>
#include <sodium.h>
#include <strings.h>

#include "db/rows/bans.h"
#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/rows/json.h"
#include "db/rows/meta.h"
#include "db/rows/secrets.h"
#include "db/rows/steady.h"
#include "db/rows/sql.h"

enum {
	MAKE,
	ADD_TOKEN,
	BY_TOKEN,
	BY_SUBJECT,
	BY_NAME,
	READ,
	IS_KNOWN,
	SUBJECT_OF,
	FORGET,
	DROP_TOKENS,
	ADD_UNREAD,
	UNREAD,
	N_SQL
};
static const char *const sql[N_SQL] = {
	[MAKE] = "INSERT INTO person (made, name, subject) VALUES (?, ?, ?)",
	[ADD_TOKEN] = "INSERT INTO token (hash, person, made) VALUES (?, ?, ?)",
	[BY_TOKEN] = "SELECT person FROM token WHERE hash = ?",
	[BY_SUBJECT] = "SELECT id FROM person WHERE subject = ?",
	[BY_NAME] = "SELECT id FROM person WHERE name = ?",
	[READ] = "SELECT name, subject, made, unread FROM person WHERE id = ?",
	[IS_KNOWN] = "SELECT 1 FROM person WHERE id = ? AND name IS NOT NULL",
	[SUBJECT_OF] = "SELECT subject FROM person"
		       " WHERE id = ? AND subject IS NOT NULL",
	[FORGET] = "UPDATE person SET name = NULL, subject = NULL, unread = 0"
		   " WHERE id = ?",
	[DROP_TOKENS] = "DELETE FROM token WHERE person = ?",
	[ADD_UNREAD] = "UPDATE person SET unread = unread + ? WHERE id = ?",
	[UNREAD] = "SELECT unread FROM person WHERE id = ?",
};
const struct sql users_sql = { SQL_USERS, sql, N_SQL };

_Static_assert(META_SECRET_LEN == crypto_auth_KEYBYTES, "a key");

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, BYTE_BITS = 8 };

static enum db_rc
make(struct db *db, const char *subject, struct user_id *user)
{
	struct user_name name;
	enum db_rc rc;

	ids_make_user(&name);
	rc = stmt_run(db, &users_sql, MAKE,
	    ARGS(INT(clock_wall()), TEXT(name.s), TEXT_OR_NULL(subject)));
	if (rc == DB_OK)
		user->n = stmt_last_id(db);
	return rc;
}

enum db_rc
users_make_bare(struct db *db, struct user_id *user)
{
	return make(db, NULL, user);
}

static enum db_rc
add_token(struct db *db, struct user_id user, const struct token *token)
{
	unsigned char hash[SECRET_HASH_LEN];

	secrets_hash(token->s, TOKEN_LEN, hash);
	return stmt_run(db, &users_sql, ADD_TOKEN,
	    ARGS(BLOB(hash, sizeof(hash)), INT(user.n), INT(clock_wall())));
}

enum db_rc
users_make(struct db *db, struct user_id *user, struct token *token)
{
	enum db_rc rc = make(db, NULL, user);

	ids_make_token(token);
	return rc == DB_OK ? add_token(db, *user, token) : rc;
}

enum db_rc
users_make_repeatable(struct db *db, const unsigned char seed[SEED_LEN],
    struct user_id *user, struct token *token)
{
	enum db_rc rc = make(db, NULL, user);

	if (rc == DB_OK)
		rc = users_repeat_token(db, seed, *user, token);
	return rc == DB_OK ? add_token(db, *user, token) : rc;
}

enum db_rc
users_repeat_token(struct db *db, const unsigned char seed[SEED_LEN],
    struct user_id user, struct token *token)
{
	unsigned char bytes[SECRET_HASH_LEN];
	struct buf text = BUF_INIT;
	enum db_rc rc;

	static_assert(
	    (int)TOKEN_BYTES == (int)SECRET_HASH_LEN, "a hash is a token");
	/* With the user, whose id never returns: another has another token. */
	buf_addf(&text, "token %lld ", (long long)user.n);
	buf_add(&text, (const char *)seed, SEED_LEN);
	rc = secrets_digest(db, text.p, text.len, bytes);
	if (rc == DB_OK)
		ids_write_token(bytes, token);
	sodium_memzero(bytes, sizeof(bytes));
	buf_done(&text);
	return rc;
}

/* What is kept of a person whose name is not. */
static enum db_rc
hash_subject(
    struct db *db, const char *subject, unsigned char hash[SECRET_HASH_LEN])
{
	return secrets_digest(db, subject, strlen(subject), hash);
}

enum db_rc
users_by_subject(struct db *db, const char *subject, struct user_id *user)
{
	return stmt_one(
	    db, &users_sql, BY_SUBJECT, ARGS(TEXT(subject)), &user->n);
}

enum db_rc
users_meet(struct db *db, const char *subject, struct user_id *user)
{
	unsigned char person[SECRET_HASH_LEN];
	enum db_rc rc = users_by_subject(db, subject, user);

	if (rc != DB_NONE)
		return rc;
	rc = make(db, subject, user);
	if (rc == DB_OK)
		rc = hash_subject(db, subject, person);
	return rc == DB_OK ? bans_take(db, *user, person) : rc;
}

enum db_rc
users_by_name(struct db *db, const char *name, struct user_id *user)
{
	return stmt_one(db, &users_sql, BY_NAME, ARGS(TEXT(name)), &user->n);
}

enum db_rc
users_by_token(struct db *db, const char *text, struct user_id *user)
{
	unsigned char hash[SECRET_HASH_LEN];

	if (strlen(text) != TOKEN_LEN)
		return DB_NONE;
	secrets_hash(text, TOKEN_LEN, hash);
	return stmt_one(
	    db, &users_sql, BY_TOKEN, ARGS(BLOB(hash, sizeof(hash))), &user->n);
}

enum db_rc
users_add_json(
    struct db *db, struct user_id user, struct buf *to, int64_t *unread)
{
	enum { NAME, SUBJECT, MADE, N_UNREAD };
	struct stmt *s = stmt_begin(db, &users_sql, READ, ARGS(INT(user.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		buf_addf(to,
		    "{\"id\":\"%s\",\"subject\":", stmt_text(s, NAME, NULL));
		if (stmt_is_null(s, SUBJECT))
			buf_adds(to, "null");
		else
			json_add_text(to, stmt_text(s, SUBJECT, NULL));
		buf_adds(to, ",\"created_at\":\"");
		clock_add_rfc3339(to, stmt_int(s, MADE));
		buf_adds(to, "\"}");
		*unread = stmt_int(s, N_UNREAD);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
users_add_unread(struct db *db, struct user_id user, int64_t by)
{
	return stmt_run(db, &users_sql, ADD_UNREAD, ARGS(INT(by), INT(user.n)));
}

enum db_rc
users_unread(struct db *db, struct user_id user, int64_t *unread)
{
	return stmt_one(db, &users_sql, UNREAD, ARGS(INT(user.n)), unread);
}

enum db_rc
users_sign_out(struct db *db, struct user_id user)
{
	struct scope scope = { SCOPE_USER, user.n };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_adds(&data, "{}");
	rc = events_append(db, scope, EVENT_SIGNED_OUT, &data, EVENT_ENDS_ALL);
	buf_done(&data);
	return rc;
}

static enum db_rc
keep_bans(struct db *db, struct user_id user)
{
	unsigned char person[SECRET_HASH_LEN];
	struct stmt *s =
	    stmt_begin(db, &users_sql, SUBJECT_OF, ARGS(INT(user.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		rc = hash_subject(db, stmt_text(s, 0, NULL), person);
	stmt_end(s);
	if (rc == DB_OK)
		rc = bans_outlast(db, user, person);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
users_forget(struct db *db, struct user_id user)
{
	static const int statements[] = { FORGET, DROP_TOKENS };
	enum db_rc rc = users_sign_out(db, user);

	if (rc == DB_OK)
		rc = keep_bans(db, user);
	for (size_t i = 0;
	     rc == DB_OK && i < sizeof(statements) / sizeof(statements[0]); i++)
		rc = stmt_run(db, &users_sql, statements[i], ARGS(INT(user.n)));
	return rc;
}

/* What is signed: the user and the times, big end first. */
enum { NUMBER = 8, PAYLOAD = 3 * NUMBER };

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

static void
add_base64(struct buf *b, const unsigned char *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, BASE64);

	(void)sodium_bin2base64(buf_space(b, size), size, bytes, len, BASE64);
	b->len += size - 1;
}

enum db_rc
tickets_make(struct db *db, const struct ticket *ticket, struct buf *text)
{
	unsigned char key[META_SECRET_LEN], mac[crypto_auth_BYTES];
	unsigned char payload[PAYLOAD];
	enum db_rc rc = meta_secret(db, key);

	if (rc != DB_OK)
		return rc;
	put_number(payload, ticket->user.n);
	put_number(payload + NUMBER, ticket->expires);
	put_number(payload + 2 * NUMBER, ticket->ends);
	must(crypto_auth(mac, payload, sizeof(payload), key) == 0);
	sodium_memzero(key, sizeof(key));
	add_base64(text, payload, sizeof(payload));
	buf_addc(text, '.');
	add_base64(text, mac, sizeof(mac));
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
tickets_check(struct db *db, const char *text, struct ticket *ticket)
{
	unsigned char key[META_SECRET_LEN], mac[crypto_auth_BYTES];
	unsigned char payload[PAYLOAD];
	const char *dot = strchr(text, '.');
	enum db_rc rc;
	int64_t one;
	int bad;

	if (dot == NULL ||
	    read_base64(text, dot, payload, sizeof(payload)) != 0 ||
	    read_base64(dot + 1, dot + 1 + strlen(dot + 1), mac, sizeof(mac)))
		return DB_NONE;
	rc = meta_secret(db, key);
	if (rc != DB_OK)
		return rc;
	bad = crypto_auth_verify(mac, payload, sizeof(payload), key);
	sodium_memzero(key, sizeof(key));
	*ticket = (struct ticket){ { get_number(payload) },
		get_number(payload + NUMBER),
		get_number(payload + 2 * NUMBER) };
	if (bad || ticket->expires <= steady_now(db))
		return DB_NONE;
	return stmt_one(
	    db, &users_sql, IS_KNOWN, ARGS(INT(ticket->user.n)), &one);
}
