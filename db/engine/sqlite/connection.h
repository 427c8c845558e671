/*
 * connection: one SQLite connection, which is a struct db.
 *
 * It belongs to the thread that opened it and asserts so.  This file does not
 * deal with the process's store or with statements: the code that opens a
 * connection sets STORE, and prepares and closes the statements
 * (db/engine/sqlite/stmt.h).
 */
#ifndef DB_ENGINE_SQLITE_CONNECTION_H
#define DB_ENGINE_SQLITE_CONNECTION_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "db/engine/db.h"
#include "db/engine/schema.h"
#include "db/engine/stmt.h"

struct db {
	/* set before it is used */
	struct store *store; /* NULL: opened for migrate or check */
	const struct schema *schema;
	sqlite3 *sqlite;
	pthread_t owner;
	struct stmt **stmts; /* an array for each file; NULL: none yet */
	int64_t busy_ms; /* for locks inside SQLite */
	int read_only; /* opened read-only */

	/* of the write transaction */
	int writing; /* inside one */
	int rang; /* an event was appended in it */
	enum db_rc deferred; /* how the deferred runs of this job went */
	int erased; /* the write-ahead log may hold erased text */
	int64_t scrub; /* lease ms: not tried again before */
	int wal_pages; /* as the last commit left them */
	int64_t limit; /* pages that the database may have, 0: any number */
	int64_t until; /* clock_waits: end of waits for locks */
	int bounded; /* UNTIL holds for several calls together */
	int code, error; /* of the last failure: SQLite's, and errno */

	/* of the thread */
	int freeing; /* its writes free space */
	int hurried; /* its writes can be done later */
	int waiting; /* its writes that wait; several when fibers write */
	int64_t kept[DB_KEPT]; /* db_kept */
};

/* For a lock inside SQLite where no store says how long. */
enum { CONNECTION_BUSY_MS = 5000 };

/*
 * Opens the database at PATH, or makes an empty one.  Anything but DB_OK is
 * logged.  connection_open_to_look opens an existing database read-only and
 * logs nothing; if it fails, *OUT holds SQLite's error, and must be closed as
 * well.
 */
enum db_rc connection_open(
    const char *path, const struct schema *, struct db **out) DB_CHECK;
enum db_rc connection_open_to_look(
    const char *path, const struct schema *, struct db **out) DB_CHECK;

/* All its statements must have been closed. */
void connection_close(struct db *);

/* Asserts that DB is the calling thread's. */
void connection_mine(struct db *);

/* Runs constant SQL without rows or arguments: pragmas, begin, commit. */
enum db_rc connection_exec(struct db *, const char *sql) DB_CHECK;

/*
 * The meaning of SQLite's last failure.  DB_FAIL is logged here; a state of the
 * storage is logged where the state begins.
 */
enum db_rc connection_failed(struct db *, const char *what);

/*
 * The same after connection_failed, for a failed commit.  SQLite does not keep
 * the system's error then, but the file of the write-ahead log does.
 */
enum db_rc connection_commit_failed(struct db *);

/* Until connection_unbound no wait for a lock goes on after UNTIL. */
void connection_bound(struct db *, int64_t until);
void connection_unbound(struct db *);

/* The schema number that the database has, -1 when it cannot be read. */
int connection_schema(struct db *);

#endif
