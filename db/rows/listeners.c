#include "db/rows/listeners.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/nodes.h"
#include "db/rows/sql.h"
#include "db/chat/unread.h"

enum {
	ENTER,
	GIVE_WAY,
	THIN_OUT,
	ANY,
	REMAINING,
	END,
	GOODBYE,
	END_DEAD,
	EXPIRED,
	DROP,
	DUE,
	FORGET,
	N_SQL
};

static const char *const sql[N_SQL] = {
	[ENTER] = "INSERT INTO listener (person, conn, node, expires, grace)"
		  " VALUES (?, ?, ?, ?, ?) RETURNING id",
	[GIVE_WAY] = "DELETE FROM listener WHERE person = ? AND conn = ?",
	[THIN_OUT] = "DELETE FROM listener WHERE id IN (SELECT id FROM listener"
		     " WHERE person = ? AND node IS NULL"
		     " ORDER BY expires DESC, id DESC LIMIT -1 OFFSET ?)",
	[ANY] = "SELECT 1 FROM listener WHERE person = ? LIMIT 1",
	[REMAINING] = "SELECT expires FROM listener"
		      " WHERE person = ? AND conn = ?",
	[END] = "UPDATE listener SET node = NULL, expires = ? + grace"
		" WHERE id = ? AND node IS NOT NULL",
	/* Never later than it would have ended by itself. */
	[GOODBYE] = "UPDATE listener SET node = NULL, expires = ?1 + grace"
		    " WHERE person = ?2 AND conn = ?3"
		    " AND (expires IS NULL OR expires > ?1 + grace)",
	[END_DEAD] = "UPDATE listener SET node = NULL, expires = ? + grace"
		     " WHERE node IN (SELECT id FROM node WHERE lease < ?)",
	[EXPIRED] = "SELECT id, person FROM listener"
		    " WHERE expires <= ? ORDER BY expires LIMIT ?",
	[DROP] = "DELETE FROM listener WHERE id = ?",
	[DUE] = "SELECT 1 FROM listener WHERE expires <= ? LIMIT 1",
	[FORGET] = "DELETE FROM listener WHERE person = ?",
};
const struct sql listeners_sql = { SQL_LISTENERS, sql, N_SQL };

enum db_rc
listeners_any(struct db *db, struct user_id user)
{
	int64_t one;

	return stmt_one(db, &listeners_sql, ANY, ARGS(INT(user.n)), &one);
}

static enum db_rc
insert(struct db *db, struct user_id user, const struct entry *e,
    struct listener_id *id)
{
	int stream = e->transport == TRANSPORT_STREAM;
	enum db_rc rc = stream ? nodes_check(db, e->node) : DB_OK;

	if (rc == DB_OK)
		rc = stmt_run(db, &listeners_sql, GIVE_WAY,
		    ARGS(INT(user.n), TEXT(e->conn)));
	if (rc == DB_OK)
		rc = stmt_run(db, &listeners_sql, THIN_OUT,
		    ARGS(INT(user.n), INT(PRESENCE_LEASES_MAX - 1)));
	if (rc != DB_OK)
		return rc;
	return stmt_insert(db, &listeners_sql, ENTER,
	    ARGS(INT(user.n), TEXT(e->conn), stream ? INT(e->node.n) : NULL_ARG,
		stream ? NULL_ARG :
			 INT(clock_lease() + e->lease_ms + e->grace_ms),
		INT(e->grace_ms)),
	    &id->n);
}

enum db_rc
listeners_enter(struct db *db, struct user_id user, const struct entry *e,
    struct listener_id *id)
{
	enum db_rc rc, was = listeners_any(db, user);

	if (was != DB_OK && was != DB_NONE)
		return was;
	rc = insert(db, user, e, id);
	return rc == DB_OK && was == DB_NONE ? unread_listening(db, user) : rc;
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
					   stmt_int(s, 0) - clock_lease();
	stmt_end(s);
	return rc;
}

enum db_rc
listeners_end(struct db *db, struct listener_id id)
{
	return stmt_run(
	    db, &listeners_sql, END, ARGS(INT(clock_lease()), INT(id.n)));
}

enum db_rc
listeners_goodbye(struct db *db, struct user_id user, const char *conn)
{
	return stmt_run(db, &listeners_sql, GOODBYE,
	    ARGS(INT(clock_lease()), INT(user.n), TEXT(conn)));
}

enum db_rc
listeners_forget(struct db *db, struct user_id user)
{
	enum db_rc rc = stmt_run(db, &listeners_sql, FORGET, ARGS(INT(user.n)));

	return rc == DB_OK ? unread_no_listener(db, user) : rc;
}

enum db_rc
listeners_end_dead(struct db *db, int64_t dead)
{
	return stmt_run(
	    db, &listeners_sql, END_DEAD, ARGS(INT(clock_lease()), INT(dead)));
}

struct expired {
	int64_t id;
	struct user_id user;
};

static enum db_rc
find_expired(struct db *db, struct expired *rows, int limit, size_t *n)
{
	struct stmt *s = stmt_begin(
	    db, &listeners_sql, EXPIRED, ARGS(INT(clock_lease()), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK) {
		rows[*n].id = stmt_int(s, 0);
		rows[(*n)++].user.n = stmt_int(s, 1);
	}
	stmt_end(s);
	return rc;
}

static enum db_rc
drop(struct db *db, const struct expired *row)
{
	enum db_rc rc;

	rc = stmt_run(db, &listeners_sql, DROP, ARGS(INT(row->id)));
	if (rc == DB_OK)
		rc = listeners_any(db, row->user);
	return rc == DB_NONE ? unread_no_listener(db, row->user) : rc;
}

enum db_rc
listeners_reap(struct db *db, int limit)
{
	struct expired *rows = must_alloc((size_t)limit * sizeof(*rows));
	size_t n;
	enum db_rc rc = find_expired(db, rows, limit, &n);

	if (rc == DB_NONE && n > 0)
		rc = DB_OK;
	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = drop(db, &rows[i]);
	free(rows);
	return rc;
}

enum db_rc
listeners_due(struct db *db)
{
	int64_t one;

	return stmt_one(
	    db, &listeners_sql, DUE, ARGS(INT(clock_lease())), &one);
}
