#include "db/rows/events.h"

#include "db/base/clock.h"
#include "db/base/hash.h"
#include "db/base/must.h"
#include "db/rows/messages.h"
#include "db/rows/meta.h"
#include "db/rows/seq.h"
#include "db/rows/sql.h"
#include "db/rows/steady.h"

enum { SCOPES_MAX = 64 };

enum {
	APPEND,
	REWRITE,
	SILENCE,
	SILENCE_TOLD,
	STATE,
	AFTER,
	OF,
	COUNT,
	NEWEST,
	PRUNABLE,
	PRUNE,
	FILL,
	BLANK,
	BLANK_FROM,
	BLANK_RANGE,
	N_SQL
};

#define COLUMNS "seq, scope, target, kind, data, ends, rewrote"
/* The same of a message, which has the scope SCOPE_ROOM. */
#define TYPE_AS_KIND    "CASE type WHEN 0 THEN 'message' ELSE 'alert' END"
#define MESSAGE_COLUMNS "event, 0, room, " TYPE_AS_KIND ", json, 0, 0"
enum {
	COL_SEQ,
	COL_SCOPE,
	COL_TARGET,
	COL_KIND,
	COL_DATA,
	COL_ENDS,
	COL_REWROTE,
	COL_IS_MESSAGE
};

/*
 * Several scopes are one JSON array of [type, id, message], of which the last
 * is the newest message of a room before the range, and NULL for a queue.  The
 * join goes from the array to the index, a range for each scope; the inner
 * LIMIT keeps the work of a page to scopes * limit index entries however long
 * the log is.
 */
#define SCOPES "FROM json_each(?1) CROSS JOIN "
#define IN_SCOPE                             \
	"scope = json_each.value ->> 0 AND " \
	"target = json_each.value ->> 1 "
#define IN_ROOM                             \
	"room = json_each.value ->> 1 AND " \
	"message.id > json_each.value ->> 2 "
#define SEQS_IN_SCOPE "SELECT seq FROM event WHERE " IN_SCOPE
#define SEQS_IN_ROOM  "SELECT event FROM message WHERE " IN_ROOM

static const char *const sql[N_SQL] = {
	[APPEND] = "INSERT INTO event"
		   " (seq, scope, target, kind, data, ends, made, rewrote)"
		   " VALUES (" SEQ_NEWEST " + 1, ?, ?, ?, ?, ?, ?, ?)"
		   " RETURNING seq",
	[REWRITE] = "UPDATE event SET data = ? WHERE seq = ?",
	/* No room has the id 0.  Readers rely on every seq being there. */
	[SILENCE] = "UPDATE event SET scope = ?, target = 0, data = '{}'"
		    " WHERE seq = ?",
	/* Only in the queues of users who are or were members of the room. */
	[SILENCE_TOLD] = "UPDATE event SET scope = ?1, target = 0,"
			 " data = '{}' WHERE scope = ?2 AND target IN"
			 " (SELECT person FROM chatter WHERE room = ?3)"
			 " AND kind = ?4 AND data ->> 'room' = ?5",
	[STATE] = "SELECT epoch, floor, " SEQ_NEWEST " FROM meta WHERE one = 1",
	[AFTER] = "SELECT " COLUMNS ", 0 FROM event WHERE seq > ?1"
		  " UNION ALL SELECT " MESSAGE_COLUMNS ", 1 FROM message"
		  " WHERE event > ?1 ORDER BY 1 LIMIT ?2",
	[OF] = "SELECT " COLUMNS
	       ", 0 FROM event WHERE seq IN (SELECT e.seq " SCOPES
	       "event AS e WHERE e.seq IN (" SEQS_IN_SCOPE
	       "AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4))"
	       " UNION ALL"
	       " SELECT " MESSAGE_COLUMNS ", 1 FROM message WHERE event IN"
	       " (SELECT m.event " SCOPES
	       "message AS m WHERE m.event IN (" SEQS_IN_ROOM
	       "AND event <= ?3 ORDER BY id LIMIT ?4))"
	       " ORDER BY 1 LIMIT ?4",
	[COUNT] =
	    "SELECT 1 " SCOPES "event WHERE " IN_SCOPE "AND seq > ?2"
	    " UNION ALL SELECT 1 " SCOPES "message WHERE " IN_ROOM "LIMIT ?3",
	[NEWEST] =
	    "SELECT e.seq " SCOPES "event AS e WHERE e.seq IN (" SEQS_IN_SCOPE
	    "ORDER BY seq DESC LIMIT ?2)"
	    " UNION ALL"
	    " SELECT m.event " SCOPES
	    "message AS m WHERE m.event IN (" SEQS_IN_ROOM
	    "ORDER BY id DESC LIMIT ?2)"
	    " ORDER BY 1 DESC LIMIT 1 OFFSET ?2 - 1",
	/* All events before an old one are old. */
	[PRUNABLE] =
	    "SELECT coalesce(max(seq), 0) FROM"
	    " (SELECT seq, made FROM event WHERE seq > ?1"
	    " UNION ALL SELECT event, sent FROM message WHERE event > ?1"
	    " ORDER BY 1 LIMIT ?2) WHERE made < ?3 OR seq <= ?4",
	[PRUNE] = "DELETE FROM event WHERE seq <= ?",
	[FILL] = "INSERT INTO event (seq, scope, target, kind, data, made)"
		 " SELECT event, ?1, room, " TYPE_AS_KIND ", '{}', sent FROM"
		 " (SELECT * FROM message WHERE room = ?2 ORDER BY id LIMIT ?3)"
		 " WHERE event > (SELECT floor FROM meta WHERE one = 1)",
	/* Readers count on every seq being there. */
	[BLANK] = "UPDATE event SET data = '{}' WHERE scope = ? AND target = ?",
	[BLANK_FROM] = "SELECT seq FROM event"
		       " WHERE scope = ? AND target = ? AND seq < ?"
		       " ORDER BY seq DESC LIMIT 1 OFFSET ?",
	[BLANK_RANGE] = "UPDATE event SET data = '{}' WHERE scope = ?"
			" AND target = ? AND seq < ? AND seq >= ?",
};

const struct sql events_sql = { SQL_EVENTS, sql, N_SQL };

static const char *const kinds[N_KINDS] = {
#define KIND(name, text) [EVENT_##name] = text,
#include "db/rows/kinds.def"
#undef KIND
};

const char *
events_kind_text(enum event_kind kind)
{
	must((size_t)kind < N_KINDS);
	return kinds[kind];
}

/* Above 0, since the other numbers have other meanings. */
int64_t
events_ends_conn(const char *conn)
{
	return (int64_t)(hash_bytes(conn, strlen(conn)) >> 2) + 1;
}

const char *
events_end_reason(int64_t ends, int64_t chatter)
{
	if (ends == EVENT_ENDS_ALL)
		return "room_gone";
	if (ends == EVENT_ENDS_EXPIRED)
		return "room_expired";
	if (ends == chatter)
		return "left";
	return ends == EVENT_ENDS_REMOVED(chatter) ? "removed" : NULL;
}

static enum db_rc
append(struct db *db, const struct event *e, const struct buf *data,
    enum event_kind kind)
{
	enum db_rc rc;

	/* A line break would end the frame that carries it. */
	must(data->len >= 2 && memchr(data->p, '\n', data->len) == NULL);
	rc = stmt_insert(db, &events_sql, APPEND,
	    ARGS(INT((int64_t)e->scope.type), INT(e->scope.id),
		TEXT(events_kind_text(kind)), BUF(data), INT(e->ends),
		INT(steady_now(db)), INT(e->rewrote)),
	    db_kept(db, KEPT_LAST_SEQ));
	if (rc == DB_OK)
		db_ring_after_commit(db);
	return rc;
}

enum db_rc
events_append(struct db *db, struct scope scope, enum event_kind kind,
    const struct buf *data, int64_t ends)
{
	struct event e = { .scope = scope, .ends = ends };

	return append(db, &e, data, kind);
}

enum db_rc
events_append_rewriting(struct db *db, struct scope scope, enum event_kind kind,
    const struct buf *data, int64_t ends, int64_t earliest)
{
	struct event e = { .scope = scope,
		.ends = ends,
		.rewrote = earliest > 0 ? earliest : 1 };

	return append(db, &e, data, kind);
}

int64_t
events_last(struct db *db)
{
	return *db_kept(db, KEPT_LAST_SEQ);
}

enum db_rc
events_rewrite(struct db *db, int64_t seq, const struct buf *data)
{
	must(data->len >= 2 && memchr(data->p, '\n', data->len) == NULL);
	db_scrub_after_commit(db);
	return stmt_run(db, &events_sql, REWRITE, ARGS(BUF(data), INT(seq)));
}

enum db_rc
events_silence(struct db *db, int64_t seq)
{
	db_scrub_after_commit(db);
	return stmt_run(
	    db, &events_sql, SILENCE, ARGS(INT(SCOPE_ROOM), INT(seq)));
}

enum db_rc
events_silence_told(struct db *db, struct room_id room, const char *name)
{
	return stmt_run(db, &events_sql, SILENCE_TOLD,
	    ARGS(INT(SCOPE_ROOM), INT(SCOPE_USER), INT(room.n),
		TEXT(events_kind_text(EVENT_UNREAD)), TEXT(name)));
}

enum db_rc
events_blank(struct db *db, struct scope scope)
{
	db_scrub_after_commit(db);
	return stmt_run(db, &events_sql, BLANK,
	    ARGS(INT((int64_t)scope.type), INT(scope.id)));
}

enum db_rc
events_blank_some(struct db *db, struct scope scope, int limit, int64_t *before)
{
	int64_t from = 0;
	enum db_rc rc;

	must(limit > 0);
	rc = stmt_one(db, &events_sql, BLANK_FROM,
	    ARGS(INT((int64_t)scope.type), INT(scope.id), INT(*before),
		INT(limit - 1)),
	    &from);
	if (rc == DB_OK || rc == DB_NONE)
		rc = stmt_run(db, &events_sql, BLANK_RANGE,
		    ARGS(INT((int64_t)scope.type), INT(scope.id), INT(*before),
			INT(from)));
	*before = from;
	return rc;
}

enum db_rc
events_outlive_messages(struct db *db, struct room_id room, int limit)
{
	return stmt_run(db, &events_sql, FILL,
	    ARGS(INT(SCOPE_ROOM), INT(room.n), INT(limit)));
}

enum db_rc
events_state(struct db *db, struct log_state *log)
{
	struct stmt *s = stmt_begin(db, &events_sql, STATE, NO_ARGS);
	enum db_rc rc = stmt_next(s);
	const char *epoch;
	size_t len;

	if (rc == DB_OK) {
		epoch = stmt_text(s, 0, &len);
		must(len == EPOCH_LEN);
		memcpy(log->epoch, epoch, EPOCH_LEN);
		log->epoch[EPOCH_LEN] = '\0';
		log->floor = stmt_int(s, 1);
		log->head = stmt_int(s, 2);
	}
	stmt_end(s);
	return rc;
}

void
events_wrap(const char *json, size_t len, struct buf *data)
{
	buf_adds(data, "{\"message\":");
	buf_add(data, json, len);
	buf_addc(data, '}');
}

/* Lends every row of S to FN and ends S. */
static enum db_rc
each(struct stmt *s, event_fn fn, void *arg)
{
	enum events_go go = EVENTS_GO_ON;
	struct buf message = BUF_INIT;
	struct event e;
	enum db_rc rc;
	int n = 0;

	while (go == EVENTS_GO_ON && (rc = stmt_next(s)) == DB_OK) {
		e.seq = stmt_int(s, COL_SEQ);
		e.scope.type = (enum scope_type)stmt_int(s, COL_SCOPE);
		e.scope.id = stmt_int(s, COL_TARGET);
		e.kind = stmt_text(s, COL_KIND, NULL);
		e.data = stmt_text(s, COL_DATA, &e.len);
		e.ends = stmt_int(s, COL_ENDS);
		e.rewrote = stmt_int(s, COL_REWROTE);
		if (stmt_int(s, COL_IS_MESSAGE)) {
			message.len = 0;
			events_wrap(e.data, e.len, &message);
			e.data = buf_str(&message);
			e.len = message.len;
		}
		go = fn(&e, arg);
		n++;
	}
	stmt_end(s);
	buf_done(&message);
	return rc == DB_NONE && n > 0 ? DB_OK : rc;
}

enum db_rc
events_after(struct db *db, int64_t after, int limit, event_fn fn, void *arg)
{
	return each(
	    stmt_begin(db, &events_sql, AFTER, ARGS(INT(after), INT(limit))),
	    fn, arg);
}

/* The range of each of the N scopes begins behind the seq AFTER. */
static enum db_rc
add_scopes(struct db *db, const struct scope *scopes, size_t n, int64_t after,
    struct buf *b)
{
	struct message_id last;
	enum db_rc rc = DB_OK;

	must(n <= SCOPES_MAX);
	buf_addc(b, '[');
	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		buf_addf(b, i > 0 ? ",[%d,%lld," : "[%d,%lld,",
		    (int)scopes[i].type, (long long)scopes[i].id);
		if (scopes[i].type == SCOPE_ROOM) {
			rc = messages_at(
			    db, (struct room_id){ scopes[i].id }, after, &last);
			buf_addi(b, last.n);
		} else {
			buf_adds(b, "null");
		}
		buf_addc(b, ']');
	}
	buf_addc(b, ']');
	return rc;
}

enum db_rc
events_of(struct db *db, const struct scope *scopes, size_t n, int64_t after,
    int64_t upto, int limit, event_fn fn, void *arg)
{
	struct buf list = BUF_INIT;
	enum db_rc rc = add_scopes(db, scopes, n, after, &list);

	if (rc == DB_OK)
		rc = each(
		    stmt_begin(db, &events_sql, OF,
			ARGS(BUF(&list), INT(after), INT(upto), INT(limit))),
		    fn, arg);
	buf_done(&list);
	return rc;
}

enum db_rc
events_count(struct db *db, const struct scope *scopes, size_t n, int64_t after,
    int limit, int64_t *count)
{
	struct buf list = BUF_INIT;
	struct stmt *s;
	enum db_rc rc = add_scopes(db, scopes, n, after, &list);

	*count = 0;
	if (rc == DB_OK) {
		s = stmt_begin(db, &events_sql, COUNT,
		    ARGS(BUF(&list), INT(after), INT(limit)));
		while ((rc = stmt_next(s)) == DB_OK)
			(*count)++;
		stmt_end(s);
	}
	buf_done(&list);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
events_newest(struct db *db, const struct scope *scopes, size_t n, int newest,
    int64_t *after)
{
	struct buf list = BUF_INIT;
	int64_t first = 1;
	enum db_rc rc;

	must(newest > 0);
	rc = add_scopes(db, scopes, n, 0, &list);
	if (rc == DB_OK)
		rc = stmt_one(db, &events_sql, NEWEST,
		    ARGS(BUF(&list), INT(newest)), &first);
	buf_done(&list);
	if (rc == DB_NONE) {
		first = 1;
		rc = DB_OK;
	}
	*after = first - 1;
	return rc;
}

/* The last of at most LIMIT events to drop; DB_NONE: there are none. */
static enum db_rc
prunable(struct db *db, int64_t before, int64_t keep, int limit, int64_t *last)
{
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	if (rc == DB_OK)
		rc = stmt_one(db, &events_sql, PRUNABLE,
		    ARGS(INT(log.floor), INT(limit), INT(before),
			INT(log.head - keep)),
		    last);
	return rc == DB_OK && *last == 0 ? DB_NONE : rc;
}

enum db_rc
events_prune_due(struct db *db, int64_t before, int64_t keep)
{
	int64_t last;

	return prunable(db, before, keep, 1, &last);
}

enum db_rc
events_prune(struct db *db, int64_t before, int64_t keep, int limit)
{
	int64_t last;
	enum db_rc rc = prunable(db, before, keep, limit, &last);

	if (rc == DB_OK)
		rc = stmt_run(db, &events_sql, PRUNE, ARGS(INT(last)));
	if (rc == DB_OK)
		rc = meta_set_floor(db, last);
	return rc;
}
