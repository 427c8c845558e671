#include "db/rows/disconnects.h"

#include "db/rows/sql.h"

enum { SAY, THIN_OUT, SAID, DUE, PRUNE, DROP_ALL, N_SQL };

#define OLD "said < ?"

static const char *const sql[N_SQL] = {
	[SAY] = "INSERT OR REPLACE INTO disconnect (person, conn, said)"
		" VALUES (?, ?, ?)",
	[THIN_OUT] = "DELETE FROM disconnect WHERE person = ?1 AND conn IN"
		     " (SELECT conn FROM disconnect WHERE person = ?1"
		     " ORDER BY said DESC LIMIT -1 OFFSET ?2)",
	[SAID] = "SELECT 1 FROM disconnect"
		 " WHERE person = ? AND conn = ? AND said >= ?",
	[DUE] = "SELECT 1 FROM disconnect WHERE " OLD " LIMIT 1",
	[PRUNE] =
	    "DELETE FROM disconnect WHERE (person, conn) IN"
	    " (SELECT person, conn FROM disconnect WHERE " OLD " LIMIT ?)",
	[DROP_ALL] = "DELETE FROM disconnect",
};
const struct sql disconnects_sql = { SQL_DISCONNECTS, sql, N_SQL };

static int64_t
oldest(struct db *db)
{
	return db_lease_now(db) - DISCONNECT_KEEP_MS;
}

enum db_rc
disconnects_say(struct db *db, struct user_id user, const char *conn)
{
	enum db_rc rc = stmt_run(db, &disconnects_sql, SAY,
	    ARGS(INT(user.n), TEXT(conn), INT(db_lease_now(db))));

	return rc == DB_OK ? stmt_run(db, &disconnects_sql, THIN_OUT,
				 ARGS(INT(user.n), INT(DISCONNECTS_MAX))) :
			     rc;
}

enum db_rc
disconnects_said(struct db *db, struct user_id user, const char *conn)
{
	int64_t one;

	return stmt_one(db, &disconnects_sql, SAID,
	    ARGS(INT(user.n), TEXT(conn), INT(oldest(db))), &one);
}

enum db_rc
disconnects_due(struct db *db)
{
	int64_t one;

	return stmt_one(db, &disconnects_sql, DUE, ARGS(INT(oldest(db))), &one);
}

enum db_rc
disconnects_prune(struct db *db, int limit)
{
	enum db_rc rc = stmt_run(
	    db, &disconnects_sql, PRUNE, ARGS(INT(oldest(db)), INT(limit)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}

enum db_rc
disconnects_drop_all(struct db *db)
{
	return stmt_run(db, &disconnects_sql, DROP_ALL, NO_ARGS);
}
