#include "db/rows/hearing.h"

#include "db/base/must.h"
#include "db/rows/delivered.h"
#include "db/rows/sql.h"
#include "db/chat/unread.h"

enum {
	LOWEST,
	LATEST,
	OWN,
	JOINED,
	SPARE,
	ROW,
	DROP,
	ONLINE,
	COVERED,
	SPANS,
	KEEP_SPAN,
	DROP_SPANS,
	MESSAGE_AT,
	MISS,
	STANDING,
	LAGS,
	RAISE,
	UNDO,
	N_SQL
};

/* The event of the newest message that counts; NULL: there is none. */
#define SAID                                                     \
	"(SELECT m.event FROM room AS r CROSS JOIN message AS m" \
	" ON m.room = r.id AND m.id = r.said WHERE r.id = presence.room)"

#define ROW_COLUMNS "id, since, upto, slot"
enum { COL_ID, COL_SINCE, COL_UPTO, COL_SLOT };

static const char *const sql[N_SQL] = {
	[LOWEST] = "SELECT min(since) FROM"
		   " (SELECT since FROM presence WHERE chatter = ?1 UNION ALL"
		   " SELECT since FROM delivered WHERE chatter = ?1)",
	[LATEST] =
	    "SELECT max(since) FROM"
	    " (SELECT since FROM presence WHERE chatter = ?1 AND since <= ?2"
	    " UNION ALL"
	    " SELECT since FROM delivered WHERE chatter = ?1 AND since <= ?2)",
	[OWN] = "SELECT " ROW_COLUMNS " FROM presence"
		" WHERE chatter = ? AND conn = ?",
	[JOINED] = "SELECT " ROW_COLUMNS " FROM presence"
		   " WHERE chatter = ? AND transport = 0",
	[SPARE] = "SELECT " ROW_COLUMNS " FROM presence"
		  " WHERE chatter = ? AND node IS NULL"
		  " ORDER BY expires DESC, id DESC LIMIT -1 OFFSET ?",
	[ROW] = "SELECT " ROW_COLUMNS " FROM presence WHERE id = ?",
	[DROP] = "DELETE FROM presence WHERE id = ?",
	[ONLINE] = "SELECT 1 FROM presence WHERE chatter = ? LIMIT 1",
	[COVERED] = "SELECT 1 FROM presence WHERE chatter = ?"
		    " AND since <= ? AND upto >= ? LIMIT 1",
	[SPANS] = "SELECT since, upto FROM delivered WHERE chatter = ?"
		  " ORDER BY since",
	[KEEP_SPAN] = "INSERT INTO delivered (chatter, since, upto)"
		      " VALUES (?, ?, ?)",
	[DROP_SPANS] = "DELETE FROM delivered WHERE chatter = ?",
	/* Walks no further back than what was not delivered. */
	[MESSAGE_AT] = "SELECT id FROM message WHERE room = ? AND event <= ?"
		       " ORDER BY id DESC LIMIT 1",
	/* Nothing that counts was said: no absence. */
	[MISS] = "INSERT INTO absence (chatter, since, upto)"
		 " SELECT ?1, ?3, ?4 WHERE EXISTS (SELECT 1 FROM message AS m"
		 " WHERE m.room = ?2 AND m.id > ?3 AND m.id <= ?4"
		 " AND coalesce(m.chatter <> ?1, m.key IS NOT NULL))",
	[STANDING] = "SELECT id, since, upto, coalesce(" SAID ", 0)"
		     " FROM presence WHERE chatter = ? AND conn = ?",
	[LAGS] = "SELECT upto FROM presence"
		 " WHERE id = ?1 AND upto < ?2 AND upto < " SAID,
	[RAISE] = "UPDATE presence SET upto = ?2 WHERE id = ?1",
	[UNDO] = "UPDATE presence SET upto = max(since, ?)"
		 " WHERE id = ? AND upto = ?",
};
const struct sql hearing_sql = { SQL_HEARING, sql, N_SQL };

/* More spans than this are closed up, the earliest first. */
enum { SPANS_MAX = 16 };

/* In order, none touching another. */
struct spans {
	struct span p[SPANS_MAX + 1];
	int n;
};

struct row {
	int64_t id;
	struct span span;
};

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The row that S stands at, as far as its stream has been written to. */
static void
read_row(struct db *db, struct stmt *s, struct row *row)
{
	int64_t noted = delivered_read(db, stmt_int(s, COL_SLOT));

	row->id = stmt_int(s, COL_ID);
	row->span.since = stmt_int(s, COL_SINCE);
	row->span.upto = larger(stmt_int(s, COL_UPTO), noted);
}

static enum db_rc
find_row(struct db *db, int which, struct args args, struct row *row)
{
	struct stmt *s = stmt_begin(db, &hearing_sql, which, args);
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		read_row(db, s, row);
	stmt_end(s);
	return rc;
}

/* Adds what follows the last of SPANS or touches it. */
static void
append(struct spans *spans, struct span span)
{
	int n = spans->n;

	if (n > 0 && span.since <= spans->p[n - 1].upto) {
		spans->p[n - 1].upto = larger(spans->p[n - 1].upto, span.upto);
		return;
	}
	must(n <= SPANS_MAX);
	spans->p[spans->n++] = span;
}

/* Everything that ended connections of CHATTER were delivered, and SPAN. */
static enum db_rc
read_spans(struct db *db, struct chatter_id chatter, struct span span,
    struct spans *spans)
{
	struct stmt *s =
	    stmt_begin(db, &hearing_sql, SPANS, ARGS(INT(chatter.n)));
	int added = 0;
	enum db_rc rc;

	spans->n = 0;
	while ((rc = stmt_next(s)) == DB_OK) {
		struct span kept = { stmt_int(s, 0), stmt_int(s, 1) };

		if (!added && span.since < kept.since) {
			append(spans, span);
			added = 1;
		}
		append(spans, kept);
	}
	stmt_end(s);
	if (!added)
		append(spans, span);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_spans(struct db *db, struct chatter_id chatter, struct spans *spans)
{
	enum db_rc rc =
	    stmt_run(db, &hearing_sql, DROP_SPANS, ARGS(INT(chatter.n)));
	int first = 0;

	if (spans->n > SPANS_MAX) {
		spans->p[1].since = spans->p[0].since;
		first = 1;
	}
	for (int i = first; rc == DB_OK && i < spans->n; i++)
		rc = stmt_run(db, &hearing_sql, KEEP_SPAN,
		    ARGS(INT(chatter.n), INT(spans->p[i].since),
			INT(spans->p[i].upto)));
	return rc;
}

/* Keeps what a connection that ends was delivered, if no other row has it. */
static enum db_rc
keep(struct db *db, struct chatter_id chatter, struct span span)
{
	struct spans spans;
	int64_t covered;
	enum db_rc rc = stmt_one(db, &hearing_sql, COVERED,
	    ARGS(INT(chatter.n), INT(span.since), INT(span.upto)), &covered);

	if (rc != DB_NONE)
		return rc;
	rc = read_spans(db, chatter, span, &spans);
	return rc == DB_OK ? write_spans(db, chatter, &spans) : rc;
}

/* The newest message told up to SEQ; 0: there is none. */
static enum db_rc
message_at(
    struct db *db, struct room_id room, int64_t seq, struct message_id *id)
{
	enum db_rc rc;

	id->n = 0;
	rc = stmt_one(
	    db, &hearing_sql, MESSAGE_AT, ARGS(INT(room.n), INT(seq)), &id->n);
	return rc == DB_NONE ? DB_OK : rc;
}

/* The chatter's last connection, which heard LAST, has ended. */
static enum db_rc
depart(struct db *db, const struct hearing_row *row, struct span last)
{
	struct message_id after, upto;
	struct spans spans;
	enum db_rc rc = read_spans(db, row->chatter, last, &spans);

	for (int i = 0; rc == DB_OK && i < spans.n; i++) {
		rc = message_at(db, row->room, spans.p[i].upto, &after);
		if (rc != DB_OK)
			return rc;
		if (i == spans.n - 1)
			rc = unread_absent(db, row->room, row->chatter, after);
		else
			rc = message_at(
			    db, row->room, spans.p[i + 1].since, &upto);
		if (rc == DB_OK && i < spans.n - 1)
			rc = stmt_run(db, &hearing_sql, MISS,
			    ARGS(INT(row->chatter.n), INT(row->room.n),
				INT(after.n), INT(upto.n)));
	}
	return rc == DB_OK ? hearing_forget(db, row->chatter) : rc;
}

enum db_rc
hearing_drop(struct db *db, const struct hearing_row *row)
{
	struct row found;
	int64_t online;
	enum db_rc rc = find_row(db, ROW, ARGS(INT(row->id.n)), &found);

	must(rc != DB_NONE);
	if (rc == DB_OK)
		rc = stmt_run(db, &hearing_sql, DROP, ARGS(INT(row->id.n)));
	if (rc == DB_OK)
		rc = stmt_one(db, &hearing_sql, ONLINE,
		    ARGS(INT(row->chatter.n)), &online);
	if (rc == DB_OK)
		return keep(db, row->chatter, found.span);
	if (rc != DB_NONE)
		return rc;
	rc = depart(db, row, found.span);
	return rc == DB_OK ? DB_NONE : rc;
}

enum db_rc
hearing_forget(struct db *db, struct chatter_id chatter)
{
	return stmt_run(db, &hearing_sql, DROP_SPANS, ARGS(INT(chatter.n)));
}

/* Deletes rows that SPAN, of a new row, need not cover. */
static enum db_rc
give_way(struct db *db, struct chatter_id chatter, int which, struct args args,
    struct span span)
{
	struct row row;
	enum db_rc rc;

	while ((rc = find_row(db, which, args, &row)) == DB_OK) {
		rc = stmt_run(db, &hearing_sql, DROP, ARGS(INT(row.id)));
		if (rc == DB_OK &&
		    (row.span.since < span.since || row.span.upto > span.upto))
			rc = keep(db, chatter, row.span);
		if (rc != DB_OK)
			return rc;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * A cursor proves what its connection was delivered, back to where that began;
 * what another connection passed over before stays missed.  OWN is NULL when
 * the connection is new: it goes on from the one that began last.
 */
static enum db_rc
find_start(struct db *db, struct chatter_id chatter, const struct row *own,
    struct span *span)
{
	int64_t lowest = span->since, latest;
	enum db_rc rc;

	if (own != NULL && own->span.since <= span->upto) {
		span->since = own->span.since;
		return DB_OK;
	}
	rc = stmt_one(db, &hearing_sql, LATEST,
	    ARGS(INT(chatter.n), INT(span->upto)), &latest);
	if (rc == DB_OK)
		span->since = larger(lowest, latest);
	return rc;
}

enum db_rc
hearing_begin(struct db *db, struct chatter_id chatter, const char *conn,
    const struct hearing_start *start, int keep_leases, struct span *span)
{
	struct args own_args = ARGS(INT(chatter.n), TEXT(conn));
	int64_t lowest;
	struct row own;
	enum db_rc rc, had;

	had = find_row(db, OWN, own_args, &own);
	if (had != DB_OK && had != DB_NONE)
		return had;
	rc = stmt_one(db, &hearing_sql, LOWEST, ARGS(INT(chatter.n)), &lowest);
	if (rc != DB_OK)
		return rc;
	span->since = span->upto = larger(start->cursor, lowest);
	if (start->proven) {
		span->since = lowest;
		rc = find_start(db, chatter, had == DB_OK ? &own : NULL, span);
	} else if (had == DB_OK && span->upto >= own.span.since &&
	    span->upto <= own.span.upto)
		*span = own.span;
	/* What the same connection heard beyond its cursor is told again. */
	if (rc == DB_OK && had == DB_OK && start->proven)
		rc = stmt_run(db, &hearing_sql, DROP, ARGS(INT(own.id)));
	else if (rc == DB_OK && had == DB_OK)
		rc = give_way(db, chatter, OWN, own_args, *span);
	if (rc == DB_OK)
		rc = give_way(db, chatter, JOINED, ARGS(INT(chatter.n)), *span);
	if (rc == DB_OK)
		rc = give_way(db, chatter, SPARE,
		    ARGS(INT(chatter.n), INT(keep_leases)), *span);
	return rc;
}

enum db_rc
hearing_differs(struct db *db, struct chatter_id chatter, const char *conn,
    const struct hearing_start *start, struct presence_id *row, int *differs)
{
	struct stmt *s = stmt_begin(
	    db, &hearing_sql, STANDING, ARGS(INT(chatter.n), TEXT(conn)));
	enum db_rc rc = stmt_next(s);
	int64_t since, upto, said, cursor;

	*differs = 0;
	if (rc == DB_OK) {
		row->n = stmt_int(s, 0);
		since = stmt_int(s, 1);
		upto = stmt_int(s, 2);
		said = stmt_int(s, 3);
		cursor = larger(start->cursor, since);
		*differs = said > smaller(upto, cursor) &&
		    (upto < cursor || (start->proven && upto > cursor));
	}
	stmt_end(s);
	return rc;
}

enum db_rc
hearing_lags(struct db *db, struct presence_id row, int64_t upto)
{
	int64_t now;

	return stmt_one(
	    db, &hearing_sql, LAGS, ARGS(INT(row.n), INT(upto)), &now);
}

enum db_rc
hearing_raise(struct db *db, struct presence_id row, int64_t upto,
    struct hearing_change *change)
{
	enum db_rc rc;

	*change = (struct hearing_change){ row, 0, upto };
	rc = stmt_one(
	    db, &hearing_sql, LAGS, ARGS(INT(row.n), INT(upto)), &change->from);
	return rc == DB_OK ?
	    stmt_run(db, &hearing_sql, RAISE, ARGS(INT(row.n), INT(upto))) :
	    rc;
}

enum db_rc
hearing_undo(struct db *db, const struct hearing_change *change)
{
	return stmt_run(db, &hearing_sql, UNDO,
	    ARGS(INT(change->from), INT(change->row.n), INT(change->to)));
}
