/*
 * store: what db.c (a connection) and store.c (the process) know of each
 * other; nobody else's business.
 */
#ifndef DB_ENGINE_SQLITE_STORE_H
#define DB_ENGINE_SQLITE_STORE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "db/engine/db.h"
#include "db/engine/schema.h"
#include "db/engine/stmt.h"
#include "db/engine/storage.h"
#include "db/engine/sqlite/lock.h"

struct db {
	struct store *store;
	sqlite3 *sqlite;
	pthread_t owner;
	const struct schema *schema;
	struct stmt **stmts; /* an array for each file */
	int writing; /* inside a write transaction */
	int rang; /* an event was appended in it */
	int erased; /* the write-ahead log may hold what was erased */
	int64_t scrub; /* lease ms: not tried again before */
	int64_t anchor; /* of steady time; 0: not read yet */
	int wal_pages; /* as the last commit left them */
	int64_t limit; /* pages that the database may have, 0: any number */
	int64_t until; /* clock_waits: waits for locks end then */
	int bounded; /* until is set for several calls together */
	int read_only; /* opened so */
	int freeing; /* what this thread writes frees space */
	int hurried; /* and it need not be now */
	int code, error; /* of the last failure: SQLite's, and errno */
};

/* What opening waits for, and who has no struct db. */
enum { DB_BUSY_MS = 5000 };

/* The state that a process knows of, and since when. */
struct storage_state {
	atomic_int state; /* enum storage */
};

/*
 * SQLite's result CODE, with errno, as ours; and errno alone, OTHERWISE when
 * it says nothing of the storage (db/engine/sqlite/storage.c).
 */
enum db_rc storage_rc(int code, int error) DB_CHECK;
enum db_rc storage_of_errno(int error, enum db_rc otherwise) DB_CHECK;

/* Logs one line when the state begins and one when it ends. */
void storage_note(
    struct storage_state *, enum storage now, int code, int error);

/* The numbers of the files of the engine that have statements. */
enum { SQL_STORE, SQL_SPACE };
extern const struct sql store_sql, space_sql;

/*
 * The statements of every file (stmt.c): each is prepared when it is used
 * first, or all by stmts_prepare.
 */
void stmts_open(struct db *);
enum db_rc stmts_prepare(struct db *) DB_CHECK;
void stmts_close(struct db *);

/* Runs constant SQL without rows or arguments: pragmas, begin, commit. */
enum db_rc db_exec(struct db *, const char *sql) DB_CHECK;

/*
 * What SQLite's last failure means.  DB_FAIL is logged here; a state of the
 * storage is logged where it begins.
 */
enum db_rc db_fail(struct db *, const char *what);

/*
 * The same after db_fail, where a commit failed: for that SQLite does not keep
 * what the system said, and the log's file does.
 */
enum db_rc db_commit_failed(struct db *);

/* Until db_unbound no wait for a lock goes on after UNTIL (clock_waits). */
void db_bound(struct db *, int64_t until);
void db_unbound(struct db *);

/* An opened connection with pragmas set and no statements yet. */
enum db_rc db_connect(const char *path, sqlite3 **) DB_CHECK;

/* The schema number that a database has, -1 when it cannot be read. */
int db_schema(sqlite3 *);

/* Asserts that DB is the calling thread's. */
void db_mine(struct db *);

/* As store.c has them. */
const char *store_path(struct store *);
int64_t store_busy_ms(struct store *);
const struct schema *store_schema_of(struct store *);
void store_checkpointed(struct store *);

#endif
