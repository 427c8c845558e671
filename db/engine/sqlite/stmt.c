#include "db/engine/sqlite/stmt.h"

#include "db/base/log.h"
#include "db/base/limits.h"
#include "db/base/must.h"
#include "db/engine/stmt.h"

struct stmt {
	struct db *db;
	const char *text;
	sqlite3_stmt *sqlite; /* NULL: not prepared yet */
	enum db_rc rc; /* why it could not be prepared */
	int begun;
};

/* The engine's own files, before those of the schema. */
static const struct sql *const own[SQL_FIRST] = {
	[SQL_TRANSACTION] = &transaction_sql,
	[SQL_SPACE] = &space_sql,
};

static int
n_files(const struct db *db)
{
	return SQL_FIRST + db->schema->n_files;
}

static const struct sql *
file_of(const struct db *db, int i)
{
	return i < SQL_FIRST ? own[i] : db->schema->files[i - SQL_FIRST];
}

enum { ALL = -1 }; /* of a statement's text */

static enum db_rc
prepare(struct stmt *s, int len)
{
	if (s->sqlite != NULL)
		return DB_OK;
	s->rc = sqlite3_prepare_v3(s->db->sqlite, s->text, len,
		    SQLITE_PREPARE_PERSISTENT, &s->sqlite, NULL) == SQLITE_OK ?
	    DB_OK :
	    connection_failed(s->db, s->text);
	return s->rc;
}

void
stmt_open_all(struct db *db)
{
	db->stmts = must_alloc((size_t)n_files(db) * sizeof(*db->stmts));
	for (int i = 0; i < n_files(db); i++) {
		const struct sql *file = file_of(db, i);

		must(file->file == i);
		db->stmts[i] =
		    must_alloc((size_t)file->n * sizeof(*db->stmts[i]));
		for (int j = 0; j < file->n; j++)
			db->stmts[i][j] =
			    (struct stmt){ .db = db, .text = file->text[j] };
	}
}

enum db_rc
stmt_prepare_all(struct db *db)
{
	enum db_rc rc = DB_OK;

	for (int i = 0; i < n_files(db); i++)
		for (int j = 0; rc == DB_OK && j < file_of(db, i)->n; j++)
			rc = prepare(&db->stmts[i][j], ALL);
	return rc;
}

void
stmt_close_all(struct db *db)
{
	if (db->stmts == NULL)
		return;
	for (int i = 0; i < n_files(db); i++) {
		for (int j = 0; j < file_of(db, i)->n; j++)
			(void)sqlite3_finalize(db->stmts[i][j].sqlite);
		free(db->stmts[i]);
	}
	free(db->stmts);
	db->stmts = NULL;
}

static void
bind(sqlite3_stmt *s, int i, const struct arg *a)
{
	int rc = SQLITE_OK;

	switch (a->type) {
	case ARG_NULL:
		rc = sqlite3_bind_null(s, i);
		break;
	case ARG_INT:
		rc = sqlite3_bind_int64(s, i, a->i);
		break;
	case ARG_TEXT:
		rc = sqlite3_bind_text64(
		    s, i, a->p, a->len, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case ARG_BLOB:
		rc = sqlite3_bind_blob64(s, i, a->p, a->len, SQLITE_STATIC);
		break;
	}
	must(rc == SQLITE_OK);
}

/* Prepares LEN bytes of its text. */
static struct stmt *
begin(struct db *db, const struct sql *file, int n, struct args args, int len)
{
	struct stmt *s;

	connection_mine(db);
	must(n >= 0 && n < file->n);
	s = &db->stmts[file->file][n];
	must(!s->begun);
	s->begun = 1;
	if (prepare(s, len) != DB_OK)
		return s;
	must(args.n == sqlite3_bind_parameter_count(s->sqlite));
	must(db->writing || sqlite3_stmt_readonly(s->sqlite));
	for (int i = 0; i < args.n; i++)
		bind(s->sqlite, i + 1, &args.p[i]);
	return s;
}

struct stmt *
stmt_begin(struct db *db, const struct sql *file, int n, struct args args)
{
	return begin(db, file, n, args, ALL);
}

enum db_rc
stmt_next(struct stmt *s)
{
	must(s->begun);
	if (s->sqlite == NULL)
		return s->rc;
	switch (sqlite3_step(s->sqlite)) {
	case SQLITE_ROW:
		return DB_OK;
	case SQLITE_DONE:
		return DB_NONE;
	case SQLITE_CONSTRAINT:
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return DB_CONFLICT;
	default:
		return connection_failed(s->db, sqlite3_sql(s->sqlite));
	}
}

void
stmt_end(struct stmt *s)
{
	must(s->begun);
	if (s->sqlite != NULL) {
		(void)sqlite3_reset(s->sqlite);
		(void)sqlite3_clear_bindings(s->sqlite);
	}
	s->begun = 0;
}

enum db_rc
stmt_run(struct db *db, const struct sql *file, int n, struct args args)
{
	struct stmt *s = stmt_begin(db, file, n, args);
	enum db_rc rc = stmt_next(s);

	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

/* SQLite is in this process, so the statement is run at once. */
void
stmt_defer(struct db *db, const struct sql *file, int n, struct args args)
{
	enum db_rc rc = stmt_run(db, file, n, args);

	/* A constraint violation is a defect here. */
	if (rc == DB_CONFLICT)
		rc = DB_FAIL;
	if (rc != DB_OK && db->deferred == DB_OK)
		db->deferred = rc;
}

void
stmt_ask(struct db *db, const struct sql *file, int n, struct args args)
{
	connection_mine(db);
	must(n >= 0 && n < file->n);
	(void)args;
}

/*
 * SQLite first puts the rows of RETURNING into a table of its own, which costs
 * several microseconds for each message.  The last rowid is known anyway.
 */
enum db_rc
stmt_insert(
    struct db *db, const struct sql *file, int n, struct args args, int64_t *id)
{
	const char *text = file->text[n], *tail = strstr(text, " RETURNING ");
	struct stmt *s;
	enum db_rc rc;

	must(tail != NULL);
	s = begin(db, file, n, args, (int)(tail - text));
	rc = stmt_next(s);
	/*
	 * A row is returned if stmt_prepare_all has prepared the statement with
	 * its tail.
	 */
	if (rc == DB_OK || rc == DB_NONE) {
		*id = sqlite3_last_insert_rowid(db->sqlite);
		rc = DB_OK;
	}
	stmt_end(s);
	return rc;
}

enum db_rc
stmt_one(struct db *db, const struct sql *file, int n, struct args args,
    int64_t *value)
{
	struct stmt *s = stmt_begin(db, file, n, args);
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		*value = stmt_int(s, 0);
	stmt_end(s);
	return rc;
}

enum db_rc
stmt_list(struct stmt *s, int limit, void (*add)(struct stmt *, struct buf *),
    struct buf *b, int *more)
{
	enum db_rc rc;

	*more = 0;
	for (int n = 0; (rc = stmt_next(s)) == DB_OK; n++) {
		size_t before = b->len;

		if (n < limit) {
			if (n > 0)
				buf_addc(b, ',');
			add(s, b);
		}
		if (n == limit || (n > 0 && b->len > LIST_BYTES_MAX)) {
			buf_cut(b, before);
			*more = 1;
			break;
		}
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

int64_t
stmt_int(struct stmt *s, int column)
{
	return sqlite3_column_int64(s->sqlite, column);
}

const char *
stmt_text(struct stmt *s, int column, size_t *len)
{
	const unsigned char *text = sqlite3_column_text(s->sqlite, column);

	if (len != NULL)
		*len = (size_t)sqlite3_column_bytes(s->sqlite, column);
	return text != NULL ? (const char *)text : "";
}

const void *
stmt_blob(struct stmt *s, int column, size_t *len)
{
	const void *blob = sqlite3_column_blob(s->sqlite, column);

	*len = (size_t)sqlite3_column_bytes(s->sqlite, column);
	return blob;
}

int
stmt_is_null(struct stmt *s, int column)
{
	return sqlite3_column_type(s->sqlite, column) == SQLITE_NULL;
}

int64_t
stmt_changes(struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}
