/*
 * schema: how the tables are described to the engine.
 *
 * The engine knows no table.  The program that opens a store hands over a
 * struct schema, which is constant and outlives the store.  All functions that
 * write run in a write transaction of the engine.
 */
#ifndef DB_ENGINE_SCHEMA_H
#define DB_ENGINE_SCHEMA_H

#include "db/engine/db.h"

struct sql;

/* SQL gives a row with a text for each finding; MEND names the remedy. */
struct schema_question {
	const char *sql;
	const char *mend;
};

struct schema {
	/* FILES[i] has the number SQL_FIRST + i. */
	const struct sql *const *files;
	int n_files;

	/*
	 * CHECK answers DB_NONE if lease time has begun anew, that is, if the
	 * tables hold the name of another run (db_add_lease_run), and DB_OK if
	 * not.  After DB_NONE, RESTART runs before any other write.
	 */
	enum db_rc (*restart_check)(struct db *);
	enum db_rc (*restart)(struct db *);

	/*
	 * No lease could be renewed from FROM to TO (lease times), because the
	 * store could not be written: extends the leases that were running
	 * then.
	 */
	enum db_rc (*shift_leases)(struct db *, int64_t from, int64_t to);

	/* Changes a row and changes it back, to see whether writing works. */
	enum db_rc (*touch)(struct db *);

	/*
	 * After the migrations: brings derived columns to the rules of this
	 * program.  UPGRADE_DUE answers DB_NONE if they follow them already;
	 * UPGRADE_FINDING says in words what is wrong if not.
	 */
	enum db_rc (*upgrade_due)(struct db *);
	enum db_rc (*upgrade)(struct db *);
	const char *upgrade_finding;

	/*
	 * The store is a backup that is about to be used again: no client knows
	 * a position in its log, and no lease of it runs on.
	 */
	enum db_rc (*restored)(struct db *);

	/*
	 * The queries of `parlor check` about the tables; SQL NULL ends the
	 * list.
	 */
	const struct schema_question *questions;
};

#endif
