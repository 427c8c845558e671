/*
 * stmt: the statements of a connection.  They are for the engine alone.  The
 * calls that use them are in db/engine/stmt.h.
 */
#ifndef DB_ENGINE_SQLITE_STMT_H
#define DB_ENGINE_SQLITE_STMT_H

#include "db/engine/sqlite/connection.h"
#include "db/engine/stmt.h"

/* The engine's own files with statements. */
enum { SQL_TRANSACTION, SQL_SPACE };
extern const struct sql transaction_sql, space_sql;

/*
 * Call stmt_open_all before any statement is used.  A statement is prepared at
 * its first use, or all of them by stmt_prepare_all.
 */
void stmt_open_all(struct db *);
enum db_rc stmt_prepare_all(struct db *) DB_CHECK;
void stmt_close_all(struct db *);

#endif
