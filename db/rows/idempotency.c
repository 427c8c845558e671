#include "db/rows/idempotency.h"

#include <string.h>

#include "db/base/must.h"
#include "db/rows/sql.h"

enum { FIND, PUT, FORGET, DUE, PRUNE, N_SQL };

#define OLD "made < ?"

static const char *const sql[N_SQL] = {
	[FIND] = "SELECT request, person, made_id FROM idempotency"
		 " WHERE hash = ? AND made >= ?",
	[PUT] =
	    "INSERT OR REPLACE INTO idempotency"
	    " (hash, request, person, made_id, made) VALUES (?, ?, ?, ?, ?)",
	[FORGET] = "DELETE FROM idempotency WHERE person = ?",
	[DUE] = "SELECT 1 FROM idempotency WHERE " OLD " LIMIT 1",
	[PRUNE] = "DELETE FROM idempotency WHERE hash IN"
		  " (SELECT hash FROM idempotency WHERE " OLD " LIMIT ?)",
};
const struct sql idempotency_sql = { SQL_IDEMPOTENCY, sql, N_SQL };

enum { COL_REQUEST, COL_USER, COL_MADE };

enum db_rc
idempotency_find(struct db *db, const struct idempotency *i, int64_t since,
    struct idempotency_made *made)
{
	struct stmt *s = stmt_begin(db, &idempotency_sql, FIND,
	    ARGS(BLOB(i->hash, sizeof(i->hash)), INT(since)));
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
idempotency_put(struct db *db, const struct idempotency *i,
    const struct idempotency_made *made, int64_t now)
{
	return stmt_run(db, &idempotency_sql, PUT,
	    ARGS(BLOB(i->hash, sizeof(i->hash)),
		BLOB(i->request, sizeof(i->request)), INT(made->user.n),
		INT(made->id), INT(now)));
}

enum db_rc
idempotency_forget(struct db *db, struct user_id user)
{
	return stmt_run(db, &idempotency_sql, FORGET, ARGS(INT(user.n)));
}

enum db_rc
idempotency_due(struct db *db, int64_t before)
{
	int64_t one;

	return stmt_one(db, &idempotency_sql, DUE, ARGS(INT(before)), &one);
}

enum db_rc
idempotency_prune(struct db *db, int64_t before, int limit)
{
	enum db_rc rc = stmt_run(
	    db, &idempotency_sql, PRUNE, ARGS(INT(before), INT(limit)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}
