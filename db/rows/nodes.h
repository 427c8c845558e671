/*
 * nodes: the leases of daemons that keep streams.
 *
 * A node is one run of a daemon.  Its streams' presence rows live for as long
 * as it renews one lease, which is one write every few seconds instead of one
 * for every stream.
 */
#ifndef DB_ROWS_NODES_H
#define DB_ROWS_NODES_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

/*
 * In write transactions.  nodes_renew gives DB_NONE when the node has been
 * reaped: the daemon makes a new one and its streams enter again.
 */
enum db_rc nodes_make(struct db *, int64_t lease_ms, struct node_id *) DB_CHECK;
enum db_rc nodes_renew(struct db *, struct node_id, int64_t lease_ms) DB_CHECK;

/* DB_BUSY: the node has been reaped, and there will be another. */
enum db_rc nodes_check(struct db *, struct node_id) DB_CHECK;

/*
 * In a write transaction: the nodes whose lease is over by PATIENCE_MS are no
 * more; the rows of their streams and listeners expire a grace from now.
 * DB_NONE: there are none.
 */
enum db_rc nodes_end_dead(struct db *, int64_t patience_ms) DB_CHECK;

#endif
