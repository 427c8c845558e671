#include "db/chat/delivery.h"

#include "db/base/must.h"
#include "db/chat/last_delivered.h"
#include "db/chat/unread.h"
#include "db/rows/absences.h"
#include "db/rows/messages.h"

/* Beyond this number the earliest spans are joined. */
enum { SPANS_MAX = 16 };

/* In order, none touching another. */
struct spans {
	struct span p[SPANS_MAX + 1];
	int n;
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

/* Extends the span of ROW to the last event written to its stream. */
static void
add_last(struct db *db, struct presence_row *row)
{
	row->span.upto =
	    larger(row->span.upto, last_delivered_read(db, row->slot));
}

/* Adds a span that follows the last of SPANS or touches it. */
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

/* A span to insert in its place among those that are read in order. */
struct merge {
	struct spans *spans;
	struct span span;
	int added;
};

static void
merge_kept(struct span kept, void *arg)
{
	struct merge *m = arg;

	if (!m->added && m->span.since < kept.since) {
		append(m->spans, m->span);
		m->added = 1;
	}
	append(m->spans, kept);
}

/* Reads the spans of CHATTER's ended connections, and adds SPAN. */
static enum db_rc
read_spans(struct db *db, struct chatter_id chatter, struct span span,
    struct spans *spans)
{
	struct merge m = { spans, span, 0 };
	enum db_rc rc;

	rc = spans_each(db, chatter, merge_kept, &m);
	if (!m.added)
		append(spans, span);
	return rc;
}

static enum db_rc
write_spans(struct db *db, struct chatter_id chatter, struct spans *spans)
{
	enum db_rc rc = spans_drop(db, chatter);
	int first = 0;

	if (spans->n > SPANS_MAX) {
		spans->p[1].since = spans->p[0].since;
		first = 1;
	}
	for (int i = first; rc == DB_OK && i < spans->n; i++)
		rc = spans_insert(db, chatter, spans->p[i]);
	return rc;
}

/* Keeps the span of a connection that ends, unless another row covers it. */
static enum db_rc
keep(struct db *db, struct chatter_id chatter, struct span span)
{
	struct spans spans = { .n = 0 };
	enum db_rc rc = presence_covers(db, chatter, span);

	if (rc != DB_NONE)
		return rc;
	rc = read_spans(db, chatter, span, &spans);
	return rc == DB_OK ? write_spans(db, chatter, &spans) : rc;
}

/* The chatter's last connection, which was delivered LAST, has ended. */
static enum db_rc
depart(struct db *db, const struct presence_ref *row, struct span last)
{
	struct spans spans = { .n = 0 };
	struct gap gap;
	enum db_rc rc = read_spans(db, row->chatter, last, &spans);

	for (int i = 0; rc == DB_OK && i < spans.n; i++) {
		rc = messages_at(db, row->room, spans.p[i].upto, &gap.after);
		if (rc != DB_OK)
			return rc;
		if (i == spans.n - 1)
			rc = unread_absent(
			    db, row->room, row->chatter, gap.after);
		else
			rc = messages_at(
			    db, row->room, spans.p[i + 1].since, &gap.upto);
		if (rc == DB_OK && i < spans.n - 1)
			rc = absences_add(db, row->chatter, row->room, gap);
	}
	return rc == DB_OK ? spans_drop(db, row->chatter) : rc;
}

enum db_rc
delivery_drop(struct db *db, const struct presence_ref *row)
{
	struct presence_row found;
	enum db_rc rc = presence_get(db, row->id, &found);

	must(rc != DB_NONE);
	if (rc != DB_OK)
		return rc;
	add_last(db, &found);
	rc = presence_drop(db, row->id);
	if (rc == DB_OK)
		rc = presence_online(db, row->chatter);
	if (rc == DB_OK)
		return keep(db, row->chatter, found.span);
	if (rc != DB_NONE)
		return rc;
	rc = depart(db, row, found.span);
	return rc == DB_OK ? DB_NONE : rc;
}

/* Rows that a new row replaces. */
struct needless {
	enum { SAME_CONN, OF_JOIN, SPARE } which;
	const char *conn; /* SAME_CONN */
	int keep; /* SPARE: this many */
};

static enum db_rc
find_needless(struct db *db, struct chatter_id chatter,
    const struct needless *n, struct presence_row *row)
{
	switch (n->which) {
	case SAME_CONN:
		return presence_of_conn(db, chatter, n->conn, row);
	case OF_JOIN:
		return presence_of_join(db, chatter, row);
	case SPARE:
		return presence_spare(db, chatter, n->keep, row);
	}
	return DB_NONE;
}

/* Deletes these rows; keeps spans that reach beyond SPAN, the new row's. */
static enum db_rc
give_way(struct db *db, struct chatter_id chatter, struct needless needless,
    struct span span)
{
	struct presence_row row;
	enum db_rc rc;

	while ((rc = find_needless(db, chatter, &needless, &row)) == DB_OK) {
		add_last(db, &row);
		rc = presence_drop(db, row.id);
		if (rc == DB_OK &&
		    (row.span.since < span.since || row.span.upto > span.upto))
			rc = keep(db, chatter, row.span);
		if (rc != DB_OK)
			return rc;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * A cursor proves that its connection was delivered everything from where the
 * connection began; what another connection skipped before that stays missed.
 * OWN is NULL if the connection is new: it continues the one that began last.
 */
static enum db_rc
find_start(struct db *db, struct chatter_id chatter,
    const struct presence_row *own, struct span *span)
{
	int64_t lowest = span->since, latest;
	enum db_rc rc;

	if (own != NULL && own->span.since <= span->upto) {
		span->since = own->span.since;
		return DB_OK;
	}
	rc = spans_latest(db, chatter, span->upto, &latest);
	if (rc == DB_OK)
		span->since = larger(lowest, latest);
	return rc;
}

enum db_rc
delivery_begin(struct db *db, struct chatter_id chatter, const char *conn,
    const struct delivery_start *start, int keep_leases, struct span *span)
{
	struct presence_row own;
	int64_t lowest;
	enum db_rc rc, had;

	had = presence_of_conn(db, chatter, conn, &own);
	if (had != DB_OK && had != DB_NONE)
		return had;
	if (had == DB_OK)
		add_last(db, &own);
	rc = spans_lowest(db, chatter, &lowest);
	if (rc != DB_OK)
		return rc;
	span->since = span->upto = larger(start->cursor, lowest);
	if (start->proven) {
		span->since = lowest;
		rc = find_start(db, chatter, had == DB_OK ? &own : NULL, span);
	} else if (had == DB_OK && span->upto >= own.span.since &&
	    span->upto <= own.span.upto)
		*span = own.span;
	/* Events that the same connection got after its cursor are sent again. */
	if (rc == DB_OK && had == DB_OK && start->proven)
		rc = presence_drop(db, own.id);
	else if (rc == DB_OK && had == DB_OK)
		rc = give_way(db, chatter,
		    (struct needless){ SAME_CONN, conn, 0 }, *span);
	if (rc == DB_OK)
		rc = give_way(
		    db, chatter, (struct needless){ OF_JOIN, NULL, 0 }, *span);
	if (rc == DB_OK)
		rc = give_way(db, chatter,
		    (struct needless){ SPARE, NULL, keep_leases }, *span);
	return rc;
}

enum db_rc
delivery_standing(struct db *db, struct chatter_id chatter, const char *conn,
    const struct delivery_start *start, struct last_delivered *notes,
    struct delivery_standing *found)
{
	struct presence_standing p;
	int64_t cursor, upto;
	enum db_rc rc = presence_standing(db, chatter, conn, &p);

	if (rc != DB_OK)
		return rc;
	cursor = larger(start->cursor, p.row.span.since);
	upto =
	    larger(p.row.span.upto, last_delivered_get(notes, db, p.row.slot));
	*found = (struct delivery_standing){ p.row.id, p.row.slot, p.ms, 0 };
	found->differs = p.said > smaller(upto, cursor) &&
	    (upto < cursor || (start->proven && upto > cursor));
	return DB_OK;
}

enum db_rc
delivery_raise(struct db *db, struct presence_id row, int64_t upto,
    struct delivery_change *change)
{
	enum db_rc rc;

	*change = (struct delivery_change){ row, 0, upto };
	rc = presence_lags(db, row, upto, &change->from);
	return rc == DB_OK ? presence_set_upto(db, row, upto) : rc;
}

enum db_rc
delivery_undo(struct db *db, const struct delivery_change *change)
{
	return presence_lower_upto(db, change->row, change->from, change->to);
}
