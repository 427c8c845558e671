#include "db/rows/spans.h"

#include "db/rows/sql.h"

enum { EACH, INSERT, DROP, LOWEST, LATEST, N_SQL };

static const char *const sql[N_SQL] = {
	[EACH] = "SELECT since, upto FROM delivered WHERE chatter = ?"
		 " ORDER BY since",
	[INSERT] = "INSERT INTO delivered (chatter, since, upto)"
		   " VALUES (?, ?, ?)",
	[DROP] = "DELETE FROM delivered WHERE chatter = ?",
	[LOWEST] = "SELECT min(since) FROM"
		   " (SELECT since FROM presence WHERE chatter = ?1 UNION ALL"
		   " SELECT since FROM delivered WHERE chatter = ?1)",
	[LATEST] =
	    "SELECT max(since) FROM"
	    " (SELECT since FROM presence WHERE chatter = ?1 AND since <= ?2"
	    " UNION ALL"
	    " SELECT since FROM delivered WHERE chatter = ?1 AND since <= ?2)",
};
const struct sql spans_sql = { SQL_SPANS, sql, N_SQL };

enum db_rc
spans_each(struct db *db, struct chatter_id chatter, span_fn fn, void *arg)
{
	struct stmt *s = stmt_begin(db, &spans_sql, EACH, ARGS(INT(chatter.n)));
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK)
		fn((struct span){ stmt_int(s, 0), stmt_int(s, 1) }, arg);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
spans_insert(struct db *db, struct chatter_id chatter, struct span span)
{
	return stmt_run(db, &spans_sql, INSERT,
	    ARGS(INT(chatter.n), INT(span.since), INT(span.upto)));
}

enum db_rc
spans_drop(struct db *db, struct chatter_id chatter)
{
	return stmt_run(db, &spans_sql, DROP, ARGS(INT(chatter.n)));
}

enum db_rc
spans_lowest(struct db *db, struct chatter_id chatter, int64_t *since)
{
	return stmt_one(db, &spans_sql, LOWEST, ARGS(INT(chatter.n)), since);
}

enum db_rc
spans_latest(
    struct db *db, struct chatter_id chatter, int64_t at, int64_t *since)
{
	return stmt_one(
	    db, &spans_sql, LATEST, ARGS(INT(chatter.n), INT(at)), since);
}
