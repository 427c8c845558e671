#include "db/rows/listeners.h"

#include "db/rows/sql.h"

enum {
	INSERT,
	ANY,
	REMAINING,
	END,
	GOODBYE,
	END_DEAD,
	SHIFT,
	DROP_CONN,
	THIN_OUT,
	DROP,
	DROP_USER,
	DROP_ALL,
	EXPIRED,
	DUE,
	N_SQL
};

static const char *const sql[N_SQL] = {
	[INSERT] = "INSERT INTO listener (person, conn, node, expires, grace)"
		   " VALUES (?, ?, ?, ?, ?) RETURNING id",
	[ANY] = "SELECT 1 FROM listener WHERE person = ? LIMIT 1",
	[REMAINING] = "SELECT expires FROM listener"
		      " WHERE person = ? AND conn = ?",
	[END] = "UPDATE listener SET node = NULL, expires = ? + grace"
		" WHERE id = ? AND node IS NOT NULL",
	/* Never later than the row would have expired by itself. */
	[GOODBYE] = "UPDATE listener SET node = NULL, expires = ?1 + grace"
		    " WHERE person = ?2 AND conn = ?3"
		    " AND (expires IS NULL OR expires > ?1 + grace)",
	[END_DEAD] = "UPDATE listener SET node = NULL, expires = ? + grace"
		     " WHERE node IN (SELECT id FROM node WHERE lease < ?)",
	[SHIFT] = "UPDATE listener SET expires = expires + ?2"
		  " WHERE expires > ?1",
	[DROP_CONN] = "DELETE FROM listener WHERE person = ? AND conn = ?",
	[THIN_OUT] = "DELETE FROM listener WHERE id IN (SELECT id FROM listener"
		     " WHERE person = ? AND node IS NULL"
		     " ORDER BY expires DESC, id DESC LIMIT -1 OFFSET ?)",
	[DROP] = "DELETE FROM listener WHERE id = ?",
	[DROP_USER] = "DELETE FROM listener WHERE person = ?",
	[DROP_ALL] = "DELETE FROM listener",
	[EXPIRED] = "SELECT id, person FROM listener"
		    " WHERE expires <= ? ORDER BY expires LIMIT ?",
	[DUE] = "SELECT 1 FROM listener WHERE expires <= ? LIMIT 1",
};
const struct sql listeners_sql = { SQL_LISTENERS, sql, N_SQL };

enum db_rc
listeners_insert(
    struct db *db, const struct listener_draft *d, struct listener_id *id)
{
	return stmt_insert(db, &listeners_sql, INSERT,
	    ARGS(INT(d->user.n), TEXT(d->conn), INT_OR_NULL(d->node.n),
		INT_OR_NULL(d->expires), INT(d->grace)),
	    &id->n);
}

enum db_rc
listeners_any(struct db *db, struct user_id user)
{
	int64_t one;

	return stmt_one(db, &listeners_sql, ANY, ARGS(INT(user.n)), &one);
}

enum db_rc
listeners_remaining(
    struct db *db, struct user_id user, const char *conn, int64_t *ms)
{
	struct stmt *s = stmt_begin(
	    db, &listeners_sql, REMAINING, ARGS(INT(user.n), TEXT(conn)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		*ms = stmt_is_null(s, 0) ? INT64_MAX :
					   stmt_int(s, 0) - db_lease_now(db);
	stmt_end(s);
	return rc;
}

enum db_rc
listeners_end(struct db *db, struct listener_id id, int64_t now)
{
	return stmt_run(db, &listeners_sql, END, ARGS(INT(now), INT(id.n)));
}

enum db_rc
listeners_goodbye(struct db *db, struct user_id user, const char *conn,
    int64_t now, int64_t *n)
{
	enum db_rc rc = stmt_run(db, &listeners_sql, GOODBYE,
	    ARGS(INT(now), INT(user.n), TEXT(conn)));

	*n = stmt_changes(db);
	return rc;
}

enum db_rc
listeners_end_dead(struct db *db, int64_t now, int64_t dead)
{
	return stmt_run(
	    db, &listeners_sql, END_DEAD, ARGS(INT(now), INT(dead)));
}

enum db_rc
listeners_shift(struct db *db, int64_t from, int64_t by)
{
	return stmt_run(db, &listeners_sql, SHIFT, ARGS(INT(from), INT(by)));
}

enum db_rc
listeners_drop_conn(struct db *db, struct user_id user, const char *conn)
{
	return stmt_run(
	    db, &listeners_sql, DROP_CONN, ARGS(INT(user.n), TEXT(conn)));
}

enum db_rc
listeners_thin_out(struct db *db, struct user_id user, int keep)
{
	return stmt_run(
	    db, &listeners_sql, THIN_OUT, ARGS(INT(user.n), INT(keep)));
}

enum db_rc
listeners_drop(struct db *db, struct listener_id id)
{
	return stmt_run(db, &listeners_sql, DROP, ARGS(INT(id.n)));
}

enum db_rc
listeners_drop_user(struct db *db, struct user_id user)
{
	return stmt_run(db, &listeners_sql, DROP_USER, ARGS(INT(user.n)));
}

enum db_rc
listeners_drop_all(struct db *db)
{
	return stmt_run(db, &listeners_sql, DROP_ALL, NO_ARGS);
}

enum db_rc
listeners_expired(
    struct db *db, int64_t now, struct listener_ref *rows, int limit, size_t *n)
{
	struct stmt *s =
	    stmt_begin(db, &listeners_sql, EXPIRED, ARGS(INT(now), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK) {
		rows[*n].id.n = stmt_int(s, 0);
		rows[(*n)++].user.n = stmt_int(s, 1);
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
listeners_due(struct db *db, int64_t now)
{
	int64_t one;

	return stmt_one(db, &listeners_sql, DUE, ARGS(INT(now)), &one);
}
