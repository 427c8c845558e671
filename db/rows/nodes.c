#include "db/rows/nodes.h"

#include "db/rows/sql.h"

enum { INSERT, SET_LEASE, CHECK, DROP_DEAD, DROP_ALL, SHIFT, N_SQL };

static const char *const sql[N_SQL] = {
	[INSERT] = "INSERT INTO node (lease) VALUES (?) RETURNING id",
	[SET_LEASE] = "UPDATE node SET lease = ? WHERE id = ?",
	[CHECK] = "SELECT 1 FROM node WHERE id = ?",
	[DROP_DEAD] = "DELETE FROM node WHERE lease < ?",
	[DROP_ALL] = "DELETE FROM node",
	[SHIFT] = "UPDATE node SET lease = lease + ?2 WHERE lease > ?1",
};
const struct sql nodes_sql = { SQL_NODES, sql, N_SQL };

enum db_rc
nodes_insert(struct db *db, int64_t until, struct node_id *node)
{
	return stmt_insert(db, &nodes_sql, INSERT, ARGS(INT(until)), &node->n);
}

enum db_rc
nodes_set_lease(struct db *db, struct node_id node, int64_t until)
{
	enum db_rc rc =
	    stmt_run(db, &nodes_sql, SET_LEASE, ARGS(INT(until), INT(node.n)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}

enum db_rc
nodes_check(struct db *db, struct node_id node)
{
	int64_t found;
	enum db_rc rc =
	    stmt_one(db, &nodes_sql, CHECK, ARGS(INT(node.n)), &found);

	return rc == DB_NONE ? DB_BUSY : rc;
}

enum db_rc
nodes_drop_dead(struct db *db, int64_t dead)
{
	enum db_rc rc = stmt_run(db, &nodes_sql, DROP_DEAD, ARGS(INT(dead)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}

enum db_rc
nodes_drop_all(struct db *db)
{
	return stmt_run(db, &nodes_sql, DROP_ALL, NO_ARGS);
}

enum db_rc
nodes_shift(struct db *db, int64_t from, int64_t by)
{
	return stmt_run(db, &nodes_sql, SHIFT, ARGS(INT(from), INT(by)));
}
