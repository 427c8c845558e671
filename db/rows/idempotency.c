#include "db/rows/idempotency.h"

#include <assert.h>
#include <sodium.h>

#include "db/base/must.h"
#include "db/rows/steady.h"
#include "db/rows/sql.h"

enum { FIND, KEEP, FORGET, DUE, PRUNE, N_SQL };

#define OLD "made < ?"

static const char *const sql[N_SQL] = {
	[FIND] = "SELECT request, person, made_id FROM idempotency"
		 " WHERE hash = ? AND made >= ?",
	[KEEP] =
	    "INSERT OR REPLACE INTO idempotency"
	    " (hash, request, person, made_id, made) VALUES (?, ?, ?, ?, ?)",
	[FORGET] = "DELETE FROM idempotency WHERE person = ?",
	[DUE] = "SELECT 1 FROM idempotency WHERE " OLD " LIMIT 1",
	[PRUNE] = "DELETE FROM idempotency WHERE hash IN"
		  " (SELECT hash FROM idempotency WHERE " OLD " LIMIT ?)",
};
const struct sql idempotency_sql = { SQL_IDEMPOTENCY, sql, N_SQL };

enum { COL_REQUEST, COL_USER, COL_MADE };

static void
hash_text(unsigned char hash[IDEMPOTENCY_HASH_LEN], const struct buf *text)
{
	must(crypto_generichash(hash, IDEMPOTENCY_HASH_LEN,
		 (const unsigned char *)text->p, text->len, NULL, 0) == 0);
}

void
idempotency_init(struct idempotency *i, const struct idempotency_input *r)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%lld %lld %s ", (long long)r->user.n,
	    (long long)r->place, r->route);
	if (r->user.n == 0)
		for (size_t n = 0; n < r->from.len; n++)
			buf_addf(&text, "%02x", r->from.bytes[n]);
	buf_addc(&text, ' ');
	buf_adds(&text, r->key);
	hash_text(i->hash, &text);
	/* The key salts it: a body may hold a password, which could be guessed. */
	buf_add(&text, r->body, r->len);
	hash_text(i->request, &text);
	static_assert((int)SEED_LEN == (int)IDEMPOTENCY_HASH_LEN, "a hash");
	buf_adds(&text, " seed");
	hash_text(i->seed, &text);
	buf_done(&text);
}

static int64_t
oldest(struct db *db)
{
	return steady_now(db) - IDEMPOTENCY_KEEP_MS;
}

enum db_rc
idempotency_find(
    struct db *db, const struct idempotency *i, struct idempotency_made *made)
{
	struct stmt *s = stmt_begin(db, &idempotency_sql, FIND,
	    ARGS(BLOB(i->hash, sizeof(i->hash)), INT(oldest(db))));
	enum db_rc rc = stmt_next(s);
	const void *request;
	size_t len;

	if (rc == DB_OK) {
		request = stmt_blob(s, COL_REQUEST, &len);
		must(len == sizeof(i->request));
		if (memcmp(request, i->request, len) != 0)
			rc = DB_CONFLICT;
		made->user.n = stmt_int(s, COL_USER);
		made->id = stmt_int(s, COL_MADE);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
idempotency_keep(struct db *db, const struct idempotency *i,
    const struct idempotency_made *made)
{
	return stmt_run(db, &idempotency_sql, KEEP,
	    ARGS(BLOB(i->hash, sizeof(i->hash)),
		BLOB(i->request, sizeof(i->request)), INT(made->user.n),
		INT(made->id), INT(steady_now(db))));
}

enum db_rc
idempotency_forget(struct db *db, struct user_id user)
{
	return stmt_run(db, &idempotency_sql, FORGET, ARGS(INT(user.n)));
}

enum db_rc
idempotency_due(struct db *db)
{
	int64_t one;

	return stmt_one(db, &idempotency_sql, DUE, ARGS(INT(oldest(db))), &one);
}

enum db_rc
idempotency_prune(struct db *db, int limit)
{
	enum db_rc rc = stmt_run(
	    db, &idempotency_sql, PRUNE, ARGS(INT(oldest(db)), INT(limit)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}
