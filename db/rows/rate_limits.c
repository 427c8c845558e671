#include "db/rows/rate_limits.h"

#include "db/rows/sql.h"

enum { FULL, SET, ADVANCE, ANY_FULL, PRUNE, N_SQL };

#define OLD "full_at <= ?"

static const char *const sql[N_SQL] = {
	[FULL] = "SELECT full_at FROM rate_limit WHERE key = ?",
	[SET] =
	    "INSERT OR REPLACE INTO rate_limit (key, full_at) VALUES (?, ?)",
	[ADVANCE] = "UPDATE rate_limit SET full_at = full_at - ? WHERE key = ?",
	[ANY_FULL] = "SELECT 1 FROM rate_limit WHERE " OLD " LIMIT 1",
	[PRUNE] = "DELETE FROM rate_limit WHERE key IN"
		  " (SELECT key FROM rate_limit WHERE " OLD " LIMIT ?)",
};
const struct sql rate_limits_sql = { SQL_RATE_LIMITS, sql, N_SQL };

enum db_rc
rate_limits_full(
    struct db *db, const unsigned char key[SECRET_HASH_LEN], int64_t *full_us)
{
	return stmt_one(db, &rate_limits_sql, FULL,
	    ARGS(BLOB(key, SECRET_HASH_LEN)), full_us);
}

enum db_rc
rate_limits_set(
    struct db *db, const unsigned char key[SECRET_HASH_LEN], int64_t full_us)
{
	return stmt_run(db, &rate_limits_sql, SET,
	    ARGS(BLOB(key, SECRET_HASH_LEN), INT(full_us)));
}

enum db_rc
rate_limits_advance(
    struct db *db, const unsigned char key[SECRET_HASH_LEN], int64_t by_us)
{
	return stmt_run(db, &rate_limits_sql, ADVANCE,
	    ARGS(INT(by_us), BLOB(key, SECRET_HASH_LEN)));
}

enum db_rc
rate_limits_any_full(struct db *db, int64_t now_us)
{
	int64_t one;

	return stmt_one(
	    db, &rate_limits_sql, ANY_FULL, ARGS(INT(now_us)), &one);
}

enum db_rc
rate_limits_prune(struct db *db, int64_t now_us, int limit)
{
	enum db_rc rc = stmt_run(
	    db, &rate_limits_sql, PRUNE, ARGS(INT(now_us), INT(limit)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}
