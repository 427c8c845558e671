#include "db/rows/users.h"

#include "db/base/clock.h"
#include "db/rows/json.h"
#include "db/rows/secrets.h"
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
	[MAKE] = "INSERT INTO person (made, name, subject)"
		 " VALUES (?, ?, ?) RETURNING id",
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

enum db_rc
users_insert(struct db *db, const struct user_name *name, const char *subject,
    struct user_id *user)
{
	return stmt_insert(db, &users_sql, MAKE,
	    ARGS(INT(clock_wall()), TEXT(name->s), TEXT_OR_NULL(subject)),
	    &user->n);
}

enum db_rc
users_add_token(struct db *db, struct user_id user, const struct token *token)
{
	unsigned char hash[SECRET_HASH_LEN];

	secrets_hash(token->s, TOKEN_LEN, hash);
	return stmt_run(db, &users_sql, ADD_TOKEN,
	    ARGS(BLOB(hash, sizeof(hash)), INT(user.n), INT(clock_wall())));
}

enum db_rc
users_by_subject(struct db *db, const char *subject, struct user_id *user)
{
	return stmt_one(
	    db, &users_sql, BY_SUBJECT, ARGS(TEXT(subject)), &user->n);
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
users_is_known(struct db *db, struct user_id user)
{
	int64_t one;

	return stmt_one(db, &users_sql, IS_KNOWN, ARGS(INT(user.n)), &one);
}

enum db_rc
users_add_subject(struct db *db, struct user_id user, struct buf *subject)
{
	struct stmt *s =
	    stmt_begin(db, &users_sql, SUBJECT_OF, ARGS(INT(user.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		buf_adds(subject, stmt_text(s, 0, NULL));
	stmt_end(s);
	return rc;
}

enum db_rc
users_erase(struct db *db, struct user_id user)
{
	return stmt_run(db, &users_sql, FORGET, ARGS(INT(user.n)));
}

enum db_rc
users_drop_tokens(struct db *db, struct user_id user)
{
	return stmt_run(db, &users_sql, DROP_TOKENS, ARGS(INT(user.n)));
}
