#include "db/chat/accounts.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "db/base/must.h"
#include "db/rows/bans.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "db/rows/inventory.h"
#include "db/rows/secrets.h"
#include "db/rows/users.h"

static enum db_rc
make(struct db *db, const char *subject, struct user_id *user)
{
	struct user_name name;

	ids_make_user(&name);
	return users_insert(db, &name, subject, user);
}

enum db_rc
accounts_make(struct db *db, struct user_id *user, struct token *token)
{
	enum db_rc rc = make(db, NULL, user);

	ids_make_token(token);
	return rc == DB_OK ? users_add_token(db, *user, token) : rc;
}

enum db_rc
accounts_make_repeatable(struct db *db, const unsigned char seed[SEED_LEN],
    struct user_id *user, struct token *token)
{
	enum db_rc rc = make(db, NULL, user);

	if (rc == DB_OK)
		rc = accounts_repeat_token(db, seed, *user, token);
	return rc == DB_OK ? users_add_token(db, *user, token) : rc;
}

enum db_rc
accounts_repeat_token(struct db *db, const unsigned char seed[SEED_LEN],
    struct user_id user, struct token *token)
{
	unsigned char bytes[SECRET_HASH_LEN];
	struct buf text = BUF_INIT;
	enum db_rc rc;

	static_assert(
	    (int)TOKEN_BYTES == (int)SECRET_HASH_LEN, "a hash is a token");
	/* The user's id, never used again, gives each user another token. */
	buf_addf(&text, "token %lld ", (long long)user.n);
	buf_add(&text, (const char *)seed, SEED_LEN);
	rc = secrets_digest(db, text.p, text.len, bytes);
	if (rc == DB_OK)
		ids_write_token(bytes, token);
	sodium_memzero(bytes, sizeof(bytes));
	buf_done(&text);
	return rc;
}

enum db_rc
accounts_add_token(
    struct db *db, struct user_id user, enum tokens tokens, struct token *token)
{
	enum db_rc rc = inventory_is_key(db, user);

	if (rc != DB_NONE)
		return rc == DB_OK ? DB_CONFLICT : rc;
	rc = users_is_known(db, user);
	if (rc == DB_OK && tokens == TOKENS_ALONE)
		rc = users_drop_tokens(db, user);
	if (rc == DB_OK && tokens == TOKENS_ALONE)
		rc = accounts_sign_out(db, user);
	ids_make_token(token);
	return rc == DB_OK ? users_add_token(db, user, token) : rc;
}

/* The hash that remains of a person who was forgotten. */
static enum db_rc
hash_subject(
    struct db *db, const char *subject, unsigned char hash[SECRET_HASH_LEN])
{
	return secrets_digest(db, subject, strlen(subject), hash);
}

/* Gives USER, who has no seat yet, the bans that outlasted PERSON. */
static enum db_rc
take_bans(struct db *db, struct user_id user,
    const unsigned char person[SECRET_HASH_LEN])
{
	struct user_id was;
	enum db_rc rc = bans_of_subject(db, person, &was);

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	rc = chatters_take_over(db, user, was);
	return rc == DB_OK ? bans_move(db, person, was, user) : rc;
}

enum db_rc
accounts_meet(struct db *db, const char *subject, struct user_id *user)
{
	unsigned char person[SECRET_HASH_LEN];
	enum db_rc rc = users_by_subject(db, subject, user);

	if (rc != DB_NONE)
		return rc;
	rc = make(db, subject, user);
	if (rc == DB_OK)
		rc = hash_subject(db, subject, person);
	return rc == DB_OK ? take_bans(db, *user, person) : rc;
}

enum db_rc
accounts_add_key(
    struct db *db, const char *name, unsigned scopes, struct key_text *text)
{
	struct user_id user;
	enum db_rc rc = make(db, NULL, &user);

	keys_make(text);
	return rc == DB_OK ? keys_insert(db, name, scopes, user, text) : rc;
}

enum db_rc
accounts_revoke_key(struct db *db, const char *name)
{
	struct user_id user;
	enum db_rc rc = keys_revoke(db, name, &user);

	return rc == DB_OK ? accounts_sign_out(db, user) : rc;
}

enum db_rc
accounts_sign_out(struct db *db, struct user_id user)
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
	struct buf subject = BUF_INIT;
	enum db_rc rc = users_add_subject(db, user, &subject);

	if (rc == DB_OK)
		rc = hash_subject(db, buf_str(&subject), person);
	if (rc == DB_OK)
		rc = bans_keep(db, user, person);
	buf_done(&subject);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
accounts_forget(struct db *db, struct user_id user)
{
	enum db_rc rc = accounts_sign_out(db, user);

	if (rc == DB_OK)
		rc = keep_bans(db, user);
	if (rc == DB_OK)
		rc = users_erase(db, user);
	return rc == DB_OK ? users_drop_tokens(db, user) : rc;
}
