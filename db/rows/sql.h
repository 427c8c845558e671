/*
 * sql: the list of files that have statements.
 *
 * A new file adds its line to sql.def and defines its struct sql below its
 * table of statements:
 *
 *	const struct sql rooms_sql = { SQL_ROOMS, sql, N_SQL };
 */
#ifndef DB_ROWS_SQL_H
#define DB_ROWS_SQL_H

#include "db/engine/stmt.h"

enum sql_file {
	SQL_BEFORE_FIRST = SQL_FIRST - 1,
#define SQL_FILE(number, name) SQL_##number,
#include "db/rows/sql.def"
#undef SQL_FILE
	SQL_END,
	SQL_N_FILES = SQL_END - SQL_FIRST
};

#define SQL_FILE(number, name) extern const struct sql name##_sql;
#include "db/rows/sql.def"
#undef SQL_FILE

/* The values kept with each connection (db_kept). */
enum {
	KEPT_ANCHOR, /* of steady time; 0: not read yet */
	KEPT_LAST_SEQ, /* of the event that was appended last */
};

/* All of them, in the order of their numbers. */
extern const struct sql *const sql_files[SQL_N_FILES];

#endif
