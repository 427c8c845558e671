#include "db/rows/expiry.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/hearing.h"
#include "db/rows/leases.h"
#include "db/rows/listeners.h"
#include "db/rows/nodes.h"
#include "db/rows/presence.h"
#include "db/rows/sql.h"

enum { EXPIRED, DUE, N_SQL };

static const char *const sql[N_SQL] = {
	[EXPIRED] = "SELECT id, room, chatter FROM presence"
		    " WHERE expires <= ? ORDER BY expires LIMIT ?",
	[DUE] = "SELECT 1 FROM presence WHERE expires <= ?1 UNION ALL"
		" SELECT 1 FROM node WHERE lease < ?2 LIMIT 1",
};
const struct sql expiry_sql = { SQL_EXPIRY, sql, N_SQL };

static int
by_room(const void *a, const void *b)
{
	const struct hearing_row *x = a, *y = b;

	if (x->room.n != y->room.n)
		return x->room.n < y->room.n ? -1 : 1;
	return (x->id.n > y->id.n) - (x->id.n < y->id.n);
}

/* Read before any is deleted: a statement must not change what it walks. */
static enum db_rc
find_expired(struct db *db, struct hearing_row *rows, int limit, size_t *n)
{
	struct stmt *s = stmt_begin(
	    db, &expiry_sql, EXPIRED, ARGS(INT(clock_lease()), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK) {
		rows[*n].id.n = stmt_int(s, 0);
		rows[*n].room.n = stmt_int(s, 1);
		rows[(*n)++].chatter.n = stmt_int(s, 2);
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

/* Deletes N rows of one room and tells it about who is gone by that. */
static enum db_rc
expire_in_room(struct db *db, const struct hearing_row *rows, size_t n,
    struct chatter_id *gone)
{
	enum db_rc rc = DB_OK;
	struct room room;
	size_t left = 0;

	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		rc = hearing_drop(db, &rows[i]);
		if (rc == DB_NONE) {
			gone[left++] = rows[i].chatter;
			rc = DB_OK;
		}
	}
	if (rc == DB_OK && left > 0)
		rc = rooms_get(db, rows[0].room, &room);
	if (rc == DB_OK && left > 0)
		rc = presence_tell_left(db, &room, gone, left, LEAVE_TIMEOUT);
	return rc;
}

static enum db_rc
expire(struct db *db, int limit, int *did)
{
	struct hearing_row *rows = must_alloc((size_t)limit * sizeof(*rows));
	struct chatter_id *gone = must_alloc((size_t)limit * sizeof(*gone));
	size_t n, end;
	enum db_rc rc = find_expired(db, rows, limit, &n);

	if (n > 0)
		*did = 1;
	qsort(rows, n, sizeof(*rows), by_room);
	for (size_t i = 0; rc == DB_OK && i < n; i = end) {
		for (end = i; end < n && rows[end].room.n == rows[i].room.n;)
			end++;
		rc = expire_in_room(db, rows + i, end - i, gone);
	}
	free(rows);
	free(gone);
	return rc;
}

enum db_rc
expiry_reap(struct db *db, int64_t patience_ms, int limit)
{
	enum db_rc rc;
	int did = 0;

	must(limit > 0);
	rc = leases_look(db);
	did = rc == DB_OK;
	if (rc == DB_OK || rc == DB_NONE)
		rc = nodes_end_dead(db, patience_ms);
	if (rc == DB_OK)
		did = 1;
	if (rc == DB_OK || rc == DB_NONE)
		rc = expire(db, limit, &did);
	if (rc == DB_OK)
		rc = listeners_reap(db, limit);
	return rc == DB_NONE && did ? DB_OK : rc;
}

enum db_rc
expiry_due(struct db *db, int64_t patience_ms)
{
	int64_t now = clock_lease(), one;
	enum db_rc rc = stmt_one(
	    db, &expiry_sql, DUE, ARGS(INT(now), INT(now - patience_ms)), &one);

	return rc == DB_NONE ? listeners_due(db) : rc;
}
