/*
 * stmt: prepared statements, for db/rows.
 *
 * Each file keeps its SQL in one table at its top and names it with a struct
 * sql, which the schema lists (db/engine/schema.h).  The text is the same for
 * every engine.  A daemon prepares all statements when it opens the store, so a
 * typing error stops the program and not a request.  Any other connection
 * prepares what it uses, because all of them take over a megabyte and some ms.
 *
 *	rc = stmt_run(db, &messages_sql, INSERT, ARGS(INT(room), TEXT(s)));
 *
 *	struct stmt *s = stmt_begin(db, &rooms_sql, FIND, ARGS(TEXT(name)));
 *	if ((rc = stmt_next(s)) == DB_OK)
 *		room->id.n = stmt_int(s, COL_ID);
 *	stmt_end(s);
 *
 * A statement is in use between begin and end and is not begun twice; TEXT and
 * BLOB arguments stay as they are until stmt_end.  Text lent by stmt_text is
 * gone at the next stmt_next or stmt_end.
 */
#ifndef DB_ENGINE_STMT_H
#define DB_ENGINE_STMT_H

#include <string.h>

#include "db/base/buf.h"
#include "db/engine/db.h"

/*
 * The statements of a file.  Each file has a number of its own, its place in
 * the list of the schema (db/engine/schema.h), counted from SQL_FIRST; smaller
 * numbers are the engine's own.
 */
enum { SQL_FIRST = 2 };

struct sql {
	int file;
	const char *const *text;
	int n;
};

struct arg {
	enum { ARG_NULL, ARG_INT, ARG_TEXT, ARG_BLOB } type;
	int64_t i;
	const void *p;
	size_t len;
};
struct args {
	const struct arg *p;
	int n;
};

#define INT(v)          ((struct arg){ ARG_INT, (v), NULL, 0 })
#define TEXT(s)         ((struct arg){ ARG_TEXT, 0, (s), strlen(s) })
#define TEXT_OR_NULL(s) ((s) != NULL ? TEXT(s) : NULL_ARG)
#define BUF(b)          ((struct arg){ ARG_TEXT, 0, buf_str(b), (b)->len })
#define BLOB(v, size)   ((struct arg){ ARG_BLOB, 0, (v), (size) })
#define NULL_ARG        ((struct arg){ ARG_NULL, 0, NULL, 0 })
/* 0 stands for NULL, as for an expiry that never comes. */
#define INT_OR_NULL(v) ((v) != 0 ? INT(v) : NULL_ARG)
#define ARGS(...)                                            \
	((struct args){ (const struct arg[]){ __VA_ARGS__ }, \
	    (int)(sizeof((struct arg[]){ __VA_ARGS__ }) /    \
		sizeof(struct arg)) })
#define NO_ARGS ((struct args){ NULL, 0 })

struct stmt;

struct stmt *stmt_begin(struct db *, const struct sql *, int n, struct args);
/* DB_OK: a row; DB_NONE: no more; DB_CONFLICT: a constraint; or a failure. */
enum db_rc stmt_next(struct stmt *) DB_CHECK;
void stmt_end(struct stmt *);

/* Begins, runs and ends a statement that gives no row. */
enum db_rc stmt_run(
    struct db *, const struct sql *, int n, struct args) DB_CHECK;

/*
 * In a write: the same without waiting for the result.  It cannot violate a
 * constraint, and the number of changed rows is not available.  If it fails,
 * the job fails or all jobs of its transaction do.
 */
void stmt_defer(struct db *, const struct sql *, int n, struct args);

/*
 * Announces that a job will read this, so that a remote engine can fetch the
 * answers of all waiting jobs together.  The job then reads as always.
 */
void stmt_ask(struct db *, const struct sql *, int n, struct args);

/*
 * Runs an INSERT of one row that ends with "RETURNING id" (the integer primary
 * key, whatever its name), and gives that id.
 */
enum db_rc stmt_insert(
    struct db *, const struct sql *, int n, struct args, int64_t *id) DB_CHECK;

/* One integer of a single row: DB_NONE: there is no row. */
enum db_rc stmt_one(struct db *, const struct sql *, int n, struct args,
    int64_t *value) DB_CHECK;

/*
 * Appends rows to the list in B, each by ADD and with commas between them, and
 * ends the statement: at most LIMIT rows, and only as many as keep B within
 * LIST_BYTES_MAX, but one in any case.  *MORE: there was a further row.
 */
enum db_rc stmt_list(struct stmt *, int limit,
    void (*add)(struct stmt *, struct buf *), struct buf *, int *more) DB_CHECK;

int64_t stmt_int(struct stmt *, int column); /* NULL is 0 */
const char *stmt_text(
    struct stmt *, int column, size_t *len); /* len may be NULL; NULL is "" */
const void *stmt_blob(struct stmt *, int column, size_t *len);
int stmt_is_null(struct stmt *, int column);

/* Rows changed by the last stmt_run. */
int64_t stmt_changes(struct db *);

/*
 * In a write: it appends an event, so wake the waiting processes after the
 * commit.
 */
void db_ring_after_commit(struct db *);

/*
 * In a write: it erases text, which the store's own logs must not keep for
 * long.  An engine that cannot promise that says so in its documentation.
 */
void db_scrub_after_commit(struct db *);

/* Numbers that db/rows keeps with a connection; each begins at 0. */
enum { DB_KEPT = 2 };
int64_t *db_kept(struct db *, int n);

#endif
