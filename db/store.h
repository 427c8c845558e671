/*
 * store: what db.c (a connection) and store.c (the process) know of each
 * other; nobody else's business.
 */
#ifndef DB_STORE_H
#define DB_STORE_H

#include <pthread.h>
#include <sqlite3.h>

#include "db/db.h"
#include "db/stmt.h"

struct db {
	struct store *store;
	sqlite3 *sqlite;
	pthread_t owner;
	struct stmt *stmts[N_SQL_FILES]; /* one array a file */
	int writing; /* inside a write transaction */
	int rang; /* an event was appended in it */
	int erased; /* the write-ahead log may hold what was erased */
	int64_t scrub; /* lease ms: not tried again before */
	int64_t anchor; /* of steady time; 0: not read yet */
	int wal_pages; /* as the last commit left them */
};

enum { DB_BUSY_MS = 5000 };

/*
 * The statements of every file (stmt.c): each is prepared when it is used
 * first, or all by stmts_prepare.
 */
void stmts_open(struct db *);
enum db_rc stmts_prepare(struct db *) DB_CHECK;
void stmts_close(struct db *);

/* Runs constant SQL without rows or arguments: pragmas, begin, commit. */
enum db_rc db_exec(struct db *, const char *sql) DB_CHECK;

/* Logs what SQLite says is wrong with DB, and gives DB_FAIL. */
enum db_rc db_fail(struct db *, const char *what);

/* An opened connection with pragmas set and no statements yet. */
enum db_rc db_connect(const char *path, sqlite3 **) DB_CHECK;

/* The schema number that a database has, -1 when it cannot be read. */
int db_schema(sqlite3 *);

/* Asserts that DB is the calling thread's. */
void db_mine(struct db *);

/* As store.c has them. */
const char *store_path(struct store *);

#endif
