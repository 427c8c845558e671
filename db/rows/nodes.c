#include "db/rows/nodes.h"

#include "db/base/clock.h"
#include "db/rows/listeners.h"
#include "db/rows/sql.h"

enum { MAKE, RENEW, IS, DEAD_ROWS, DEAD_NODES, N_SQL };

#define GRACE "(SELECT grace FROM room WHERE room.id = presence.room)"

static const char *const sql[N_SQL] = {
	[MAKE] = "INSERT INTO node (lease) VALUES (?) RETURNING id",
	[RENEW] = "UPDATE node SET lease = ? WHERE id = ?",
	[IS] = "SELECT 1 FROM node WHERE id = ?",
	[DEAD_ROWS] = "UPDATE presence SET node = NULL,"
		      " expires = ?1 + " GRACE
		      " WHERE node IN (SELECT id FROM node WHERE lease < ?2)",
	[DEAD_NODES] = "DELETE FROM node WHERE lease < ?",
};
const struct sql nodes_sql = { SQL_NODES, sql, N_SQL };

enum db_rc
nodes_make(struct db *db, int64_t lease_ms, struct node_id *node)
{
	return stmt_insert(db, &nodes_sql, MAKE,
	    ARGS(INT(clock_lease() + lease_ms)), &node->n);
}

enum db_rc
nodes_renew(struct db *db, struct node_id node, int64_t lease_ms)
{
	enum db_rc rc = stmt_run(db, &nodes_sql, RENEW,
	    ARGS(INT(clock_lease() + lease_ms), INT(node.n)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}

enum db_rc
nodes_check(struct db *db, struct node_id node)
{
	int64_t found;
	enum db_rc rc = stmt_one(db, &nodes_sql, IS, ARGS(INT(node.n)), &found);

	return rc == DB_NONE ? DB_BUSY : rc;
}

enum db_rc
nodes_end_dead(struct db *db, int64_t patience_ms)
{
	int64_t now = clock_lease(), dead = now - patience_ms;
	enum db_rc rc;

	rc = stmt_run(db, &nodes_sql, DEAD_ROWS, ARGS(INT(now), INT(dead)));
	if (rc == DB_OK)
		rc = listeners_end_dead(db, dead);
	if (rc == DB_OK)
		rc = stmt_run(db, &nodes_sql, DEAD_NODES, ARGS(INT(dead)));
	return rc == DB_OK && stmt_changes(db) == 0 ? DB_NONE : rc;
}
