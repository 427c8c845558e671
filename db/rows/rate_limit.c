#include "db/rows/rate_limit.h"

#include "db/rows/steady.h"
#include "db/rows/sql.h"
#include "db/rows/secrets.h"

enum { US_PER_MS = 1000, WORTH_MS = 60000 };

enum { FULL, SET, GIVE, DUE, PRUNE, N_SQL };

#define OLD "full_at <= ?"

static const char *const sql[N_SQL] = {
	[FULL] = "SELECT full_at FROM rate_limit WHERE key = ?",
	[SET] =
	    "INSERT OR REPLACE INTO rate_limit (key, full_at) VALUES (?, ?)",
	[GIVE] = "UPDATE rate_limit SET full_at = full_at - ? WHERE key = ?",
	[DUE] = "SELECT 1 FROM rate_limit WHERE " OLD " LIMIT 1",
	[PRUNE] = "DELETE FROM rate_limit WHERE key IN"
		  " (SELECT key FROM rate_limit WHERE " OLD " LIMIT ?)",
};
const struct sql rate_limit_sql = { SQL_RATE_LIMIT, sql, N_SQL };

static int64_t
now_us(struct db *db)
{
	return steady_now(db) * US_PER_MS;
}

static enum db_rc
name(struct db *db, const struct rate_limit *b,
    unsigned char key[SECRET_HASH_LEN])
{
	struct buf text = BUF_INIT;
	enum db_rc rc;

	buf_addf(&text, "bucket %d %lld ", (int)b->kind, (long long)b->id);
	buf_add(&text, (const char *)b->from.bytes, b->from.len);
	rc = secrets_digest(db, text.p, text.len, key);
	buf_done(&text);
	return rc;
}

/* When B is full again if one more is taken, into *NEXT; else *WAIT. */
static enum db_rc
look(struct db *db, const struct rate_limit *b,
    const unsigned char key[SECRET_HASH_LEN], int64_t *next, int64_t *wait)
{
	int64_t now = now_us(db), end = now + b->most * b->every_us, full = now;
	enum db_rc rc;

	rc = stmt_one(
	    db, &rate_limit_sql, FULL, ARGS(BLOB(key, SECRET_HASH_LEN)), &full);
	if (rc == DB_FAIL)
		return rc;
	if (full < now)
		full = now;
	if (full > end)
		full = end - b->every_us;
	*next = full + b->every_us;
	if (*next <= end)
		return DB_OK;
	*wait = (*next - end + US_PER_MS - 1) / US_PER_MS;
	return DB_CONFLICT;
}

static enum db_rc
find(struct db *db, const struct rate_limit *b,
    unsigned char key[SECRET_HASH_LEN], int64_t *next, int64_t *wait,
    enum problem *why)
{
	enum db_rc rc = name(db, b, key);

	if (rc == DB_OK)
		rc = look(db, b, key, next, wait);
	if (rc == DB_CONFLICT)
		*why = PROBLEM_RATE_LIMITED;
	return rc;
}

enum db_rc
rate_limit_take(
    struct db *db, const struct rate_limit *b, int64_t *wait, enum problem *why)
{
	unsigned char key[SECRET_HASH_LEN];
	int64_t next;
	enum db_rc rc;

	if (b->most == 0)
		return DB_OK;
	rc = find(db, b, key, &next, wait, why);
	return rc == DB_OK ? stmt_run(db, &rate_limit_sql, SET,
				 ARGS(BLOB(key, sizeof(key)), INT(next))) :
			     rc;
}

enum db_rc
rate_limit_peek(
    struct db *db, const struct rate_limit *b, int64_t *wait, enum problem *why)
{
	unsigned char key[SECRET_HASH_LEN];
	int64_t next;

	return b->most == 0 ? DB_OK : find(db, b, key, &next, wait, why);
}

enum db_rc
rate_limit_give(struct db *db, const struct rate_limit *b)
{
	unsigned char key[SECRET_HASH_LEN];
	enum db_rc rc;

	if (b->most == 0)
		return DB_OK;
	rc = name(db, b, key);
	return rc == DB_OK ?
	    stmt_run(db, &rate_limit_sql, GIVE,
		ARGS(INT(b->every_us), BLOB(key, sizeof(key)))) :
	    rc;
}

/* One write drops the full ones of a while. */
enum db_rc
rate_limit_due(struct db *db)
{
	int64_t one, old = now_us(db) - (int64_t)WORTH_MS * US_PER_MS;

	return stmt_one(db, &rate_limit_sql, DUE, ARGS(INT(old)), &one);
}

enum db_rc
rate_limit_prune(struct db *db, int limit)
{
	enum db_rc rc = stmt_run(
	    db, &rate_limit_sql, PRUNE, ARGS(INT(now_us(db)), INT(limit)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}
