/*
 * nodes: the table `node`: the leases of daemons that keep streams.
 *
 * A node is one run of a daemon.  Its streams' presence rows live for as long
 * as it renews one lease, which is one write every few seconds instead of one
 * for every stream (db/chat/leases.h).  Only this file writes the table; all
 * writing calls are made in a write transaction.  All times are lease times.
 */
#ifndef DB_ROWS_NODES_H
#define DB_ROWS_NODES_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

enum db_rc nodes_insert(struct db *, int64_t until, struct node_id *) DB_CHECK;

/* DB_NONE: the node is gone. */
enum db_rc nodes_set_lease(struct db *, struct node_id, int64_t until) DB_CHECK;

/* DB_BUSY: the node has been reaped, and there will be another. */
enum db_rc nodes_check(struct db *, struct node_id) DB_CHECK;

/* Deletes the nodes whose lease was over before DEAD.  DB_NONE: there are none. */
enum db_rc nodes_drop_dead(struct db *, int64_t dead) DB_CHECK;
enum db_rc nodes_drop_all(struct db *) DB_CHECK;

/* Leases that would be over after FROM last BY ms longer. */
enum db_rc nodes_shift(struct db *, int64_t from, int64_t by) DB_CHECK;

#endif
