#include "db/rows/unread.h"

#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/rows/listeners.h"
#include "db/rows/messages.h"
#include "db/rows/sql.h"

enum {
	DROP_EMPTY,
	CLOSE,
	OPEN,
	THIN_OUT,
	DROP_PAST,
	FORGET,
	SEAT,
	COUNT,
	AWAIT,
	NOT_AWAIT,
	DEAF,
	AWAY,
	AWAITING,
	MISSED,
	SET_TOLD,
	SET_READ,
	N_SQL
};

/* Stale: something was erased in the room since the queue was last told. */
#define SEAT_COLUMNS                                      \
	"c.id, c.room, c.person, c.read, c.told, r.name," \
	" r.erased > c.told_at"
enum {
	COL_CHATTER,
	COL_ROOM,
	COL_USER,
	COL_READ,
	COL_TOLD,
	COL_NAME,
	COL_STALE
};

#define LOG_HEAD "(SELECT coalesce(max(seq), 0) FROM event)"

static const char *const sql[N_SQL] = {
	/* Notices are not counted: an absence with them alone is empty. */
	[DROP_EMPTY] = "DELETE FROM absence WHERE chatter = ?1"
		       " AND upto IS NULL AND since >="
		       " (SELECT said FROM room WHERE id = ?2)",
	[CLOSE] = "UPDATE absence SET upto ="
		  " (SELECT said FROM room WHERE id = ?2)"
		  " WHERE chatter = ?1 AND upto IS NULL",
	[OPEN] = "INSERT INTO absence (chatter, since)"
		 " SELECT ?1, min(?3, said) FROM room WHERE id = ?2",
	[THIN_OUT] = "DELETE FROM absence WHERE chatter = ?1 AND since IN"
		     " (SELECT since FROM absence WHERE chatter = ?1"
		     " ORDER BY since DESC LIMIT -1 OFFSET ?2)",
	[DROP_PAST] = "DELETE FROM absence WHERE chatter = ? AND upto <= ?",
	[FORGET] = "DELETE FROM absence WHERE chatter = ?",
	[SEAT] = "SELECT " SEAT_COLUMNS " FROM chatter AS c"
		 " CROSS JOIN room AS r ON r.id = c.room WHERE c.id = ?",
	/* A key's alert has no chatter; a notice has neither. */
	[COUNT] = "SELECT count(*) FROM (SELECT 1 FROM absence AS a"
		  " CROSS JOIN message AS m ON m.room = ?2"
		  " AND m.id > max(a.since, ?3)"
		  " AND m.id <= coalesce(a.upto, 9223372036854775807)"
		  " WHERE a.chatter = ?1 AND m.deleted IS NULL"
		  " AND coalesce(m.chatter <> ?1, m.key IS NOT NULL)"
		  " LIMIT ?4)",
	[AWAIT] = "INSERT INTO unread_watcher (chatter, room, person)"
		  " VALUES (?, ?, ?)",
	[NOT_AWAIT] = "DELETE FROM unread_watcher WHERE chatter = ?",
	[DEAF] = "DELETE FROM unread_watcher WHERE person = ?",
	[AWAY] = "SELECT " SEAT_COLUMNS " FROM chatter AS c"
		 " CROSS JOIN room AS r ON r.id = c.room"
		 " WHERE c.person = ? AND r.gone IS NULL"
		 " AND EXISTS (SELECT 1 FROM absence AS a"
		 " WHERE a.chatter = c.id AND a.upto IS NULL)",
	[AWAITING] = "SELECT " SEAT_COLUMNS " FROM unread_watcher AS w"
		     " CROSS JOIN chatter AS c ON c.id = w.chatter"
		     " CROSS JOIN room AS r ON r.id = c.room"
		     " WHERE w.room = ? AND w.chatter <> ?",
	/* Who is present or listens, and for whom the message counts. */
	[MISSED] =
	    "SELECT " SEAT_COLUMNS " FROM chatter AS c"
	    " CROSS JOIN room AS r ON r.id = c.room"
	    " WHERE c.id IN"
	    " (SELECT chatter FROM unread_watcher WHERE room = ?1 UNION ALL"
	    " SELECT chatter FROM presence WHERE room = ?1)"
	    " AND c.id <> ?2 AND c.read < ?3"
	    " AND EXISTS (SELECT 1 FROM absence AS a"
	    " WHERE a.chatter = c.id AND a.since < ?3"
	    " AND coalesce(a.upto, ?3) >= ?3)",
	[SET_TOLD] =
	    "UPDATE chatter SET told = ?, told_at = " LOG_HEAD " WHERE id = ?",
	[SET_READ] = "UPDATE chatter SET read = ?, told = ?,"
		     " told_at = " LOG_HEAD " WHERE id = ?",
};
const struct sql unread_sql = { SQL_UNREAD, sql, N_SQL };

/* A member, and where the reading stands. */
struct seat_row {
	struct chatter_id chatter;
	struct room_id room;
	struct user_id user;
	int64_t read, told;
	struct room_name name;
	int stale;
};

static void
read_row(struct stmt *s, struct seat_row *row)
{
	const char *name;
	size_t len;

	row->chatter.n = stmt_int(s, COL_CHATTER);
	row->room.n = stmt_int(s, COL_ROOM);
	row->user.n = stmt_int(s, COL_USER);
	row->read = stmt_int(s, COL_READ);
	row->told = stmt_int(s, COL_TOLD);
	name = stmt_text(s, COL_NAME, &len);
	must(len <= ROOM_NAME_MAX);
	memcpy(row->name.s, name, len + 1);
	row->stale = (int)stmt_int(s, COL_STALE);
}

/* Read before any is changed: a statement must not change what it walks. */
struct seat_rows {
	struct seat_row *p;
	size_t n, room;
};

static struct seat_row *
next_row(struct seat_rows *rows)
{
	if (rows->n == rows->room) {
		rows->room = rows->room > 0 ? rows->room * 2 : 16;
		rows->p = must_realloc(rows->p, rows->room * sizeof(*rows->p));
	}
	return &rows->p[rows->n++];
}

static enum db_rc
read_rows(struct stmt *s, struct seat_rows *rows)
{
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK)
		read_row(s, next_row(rows));
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
read_seat(struct db *db, struct chatter_id chatter, struct seat_row *row)
{
	struct stmt *s =
	    stmt_begin(db, &unread_sql, SEAT, ARGS(INT(chatter.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		read_row(s, row);
	stmt_end(s);
	return rc;
}

enum db_rc
unread_count(struct db *db, struct chatter_id chatter, struct room_id room,
    struct message_id read, int64_t *unread)
{
	return stmt_one(db, &unread_sql, COUNT,
	    ARGS(INT(chatter.n), INT(room.n), INT(read.n), INT(UNREAD_MAX)),
	    unread);
}

static enum db_rc
count(struct db *db, const struct seat_row *seat, int64_t *unread)
{
	return unread_count(db, seat->chatter, seat->room,
	    (struct message_id){ seat->read }, unread);
}

/* Tells the queue that UNREAD is the count now; MESSAGE may be NULL. */
static enum db_rc
tell(struct db *db, const struct seat_row *seat, int64_t unread,
    const struct buf *message)
{
	struct scope scope = { SCOPE_USER, seat->user.n };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	rc = stmt_run(
	    db, &unread_sql, SET_TOLD, ARGS(INT(unread), INT(seat->chatter.n)));
	if (rc != DB_OK)
		return rc;
	buf_addf(&data,
	    "{\"room\":\"%s\",\"unread\":%lld,\"message\":", seat->name.s,
	    (long long)unread);
	if (message != NULL)
		buf_add(&data, message->p, message->len);
	else
		buf_adds(&data, "null");
	buf_addc(&data, '}');
	rc = events_append(db, scope, EVENT_UNREAD, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc;
}

/*
 * Tells the queue if it may know another count.  While nobody listened a client
 * may have read a count that the queue was never told; if messages were erased
 * after that, the count may be TOLD again, and the client must hear so.
 */
static enum db_rc
tell_again(struct db *db, const struct seat_row *seat)
{
	int64_t unread;
	enum db_rc rc = count(db, seat, &unread);

	return rc == DB_OK && (unread != seat->told || seat->stale) ?
	    tell(db, seat, unread, NULL) :
	    rc;
}

static enum db_rc
await(struct db *db, const struct seat_row *seat)
{
	enum db_rc rc = stmt_run(db, &unread_sql, AWAIT,
	    ARGS(INT(seat->chatter.n), INT(seat->room.n), INT(seat->user.n)));

	return rc == DB_OK ? tell_again(db, seat) : rc;
}

enum db_rc
unread_present(struct db *db, struct room_id room, struct chatter_id chatter)
{
	struct args args = ARGS(INT(chatter.n), INT(room.n));
	struct seat_row seat;
	enum db_rc rc = stmt_run(db, &unread_sql, DROP_EMPTY, args);
	int64_t was_away = stmt_changes(db);

	if (rc == DB_OK)
		rc = stmt_run(db, &unread_sql, CLOSE, args);
	was_away += stmt_changes(db);
	if (rc == DB_OK)
		rc = stmt_run(db, &unread_sql, NOT_AWAIT, ARGS(INT(chatter.n)));
	if (rc != DB_OK || was_away == 0)
		return rc;
	rc = read_seat(db, chatter, &seat);
	return rc == DB_OK ? tell_again(db, &seat) : rc;
}

enum db_rc
unread_absent(struct db *db, struct room_id room, struct chatter_id chatter,
    struct message_id heard)
{
	struct seat_row seat;
	enum db_rc rc;

	rc = stmt_run(db, &unread_sql, OPEN,
	    ARGS(INT(chatter.n), INT(room.n), INT(heard.n)));
	if (rc == DB_OK)
		rc = stmt_run(db, &unread_sql, THIN_OUT,
		    ARGS(INT(chatter.n), INT(ABSENCES_MAX)));
	if (rc == DB_OK)
		rc = read_seat(db, chatter, &seat);
	if (rc == DB_OK)
		rc = listeners_any(db, seat.user);
	if (rc == DB_OK)
		return await(db, &seat);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
unread_forget(struct db *db, struct chatter_id chatter)
{
	struct args args = ARGS(INT(chatter.n));
	struct seat_row seat;
	int64_t unread = 0, absences;
	enum db_rc rc = read_seat(db, chatter, &seat);

	if (rc == DB_OK)
		rc = count(db, &seat, &unread);
	if (rc == DB_OK)
		rc = stmt_run(db, &unread_sql, FORGET, args);
	absences = stmt_changes(db);
	if (rc == DB_OK)
		rc = stmt_run(db, &unread_sql, NOT_AWAIT, args);
	if (rc != DB_OK || absences == 0)
		return rc;
	return unread > 0 || seat.told > 0 || seat.stale ?
	    tell(db, &seat, 0, NULL) :
	    DB_OK;
}

enum db_rc
unread_forget_room(struct db *db, const struct room *room)
{
	return events_silence_told(db, room->id, room->name.s);
}

enum db_rc
unread_listening(struct db *db, struct user_id user)
{
	struct seat_rows rows = { 0 };
	enum db_rc rc = read_rows(
	    stmt_begin(db, &unread_sql, AWAY, ARGS(INT(user.n))), &rows);

	for (size_t i = 0; rc == DB_OK && i < rows.n; i++)
		rc = await(db, &rows.p[i]);
	free(rows.p);
	return rc;
}

enum db_rc
unread_deaf(struct db *db, struct user_id user)
{
	return stmt_run(db, &unread_sql, DEAF, ARGS(INT(user.n)));
}

enum db_rc
unread_said(struct db *db, const struct room *room, struct chatter_id sender,
    const struct buf *message)
{
	struct seat_rows rows = { 0 };
	enum db_rc rc = read_rows(stmt_begin(db, &unread_sql, AWAITING,
				      ARGS(INT(room->id.n), INT(sender.n))),
	    &rows);

	for (size_t i = 0; rc == DB_OK && i < rows.n; i++) {
		const struct seat_row *seat = &rows.p[i];
		int64_t more = seat->told < UNREAD_MAX ? 1 : 0;

		rc = tell(db, seat, seat->told + more, message);
	}
	free(rows.p);
	return rc;
}

enum db_rc
unread_deleted(struct db *db, const struct room *room, struct chatter_id sender,
    struct message_id message)
{
	struct seat_rows rows = { 0 };
	enum db_rc rc =
	    read_rows(stmt_begin(db, &unread_sql, MISSED,
			  ARGS(INT(room->id.n), INT(sender.n), INT(message.n))),
		&rows);

	if (rc == DB_OK)
		rc = rooms_mark_erased(db, room->id);

	for (size_t i = 0; rc == DB_OK && i < rows.n; i++) {
		const struct seat_row *seat = &rows.p[i];

		/* To count anew takes long, and under the write lock. */
		rc = seat->told < UNREAD_MAX ?
		    tell(db, seat, seat->told - 1, NULL) :
		    tell_again(db, seat);
	}
	free(rows.p);
	return rc;
}

enum { RETOLD_AT_ONCE = 128 };

/* Events of queues that told of one message. */
struct retold {
	const struct buf *message;
	size_t same; /* bytes of it that no change changes */
	struct buf data[RETOLD_AT_ONCE];
	int64_t seqs[RETOLD_AT_ONCE];
	size_t n;
	int64_t seq; /* of the last that was looked at */
	int end; /* others follow */
};

/* Whether E stands where a queue was told, of which nothing may be left. */
static int
was_told(const struct event *e)
{
	return e->scope.type == SCOPE_USER &&
	    strcmp(e->kind, event_kind_text(EVENT_UNREAD)) == 0;
}

static void
retell(const struct event *e, void *arg)
{
	static const char head[] = ",\"message\":";
	struct retold *r = arg;
	const char *at = strstr(e->data, head);
	struct buf *data;

	if (at != NULL)
		at += sizeof(head) - 1;
	r->end = r->end || !was_told(e) ||
	    (at != NULL && strncmp(at, r->message->p, r->same) != 0);
	if (r->end)
		return;
	r->seq = e->seq;
	/* That queue's user has been forgotten, others follow. */
	if (at == NULL)
		return;
	data = &r->data[r->n];
	buf_add(data, e->data, (size_t)(at - e->data));
	buf_add(data, r->message->p, r->message->len);
	buf_addc(data, '}');
	r->seqs[r->n++] = e->seq;
}

enum db_rc
unread_rewrite(struct db *db, int64_t seq, const struct buf *message)
{
	struct retold r = { .message = message, .seq = seq };
	const char *chatter = strstr(buf_str(message), ",\"chatter\":");
	enum db_rc rc = DB_OK;

	must(chatter != NULL);
	r.same = (size_t)(chatter - message->p);
	while (rc == DB_OK && !r.end) {
		r.n = 0;
		rc = events_after(db, r.seq, RETOLD_AT_ONCE, retell, &r);
		for (size_t i = 0; i < r.n; i++) {
			if (rc == DB_OK)
				rc = events_rewrite(db, r.seqs[i], &r.data[i]);
			buf_done(&r.data[i]);
		}
	}
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
move_marker(struct db *db, struct seat_row *seat, int64_t to)
{
	int64_t unread;
	enum db_rc rc;

	seat->read = to;
	rc = stmt_run(
	    db, &unread_sql, DROP_PAST, ARGS(INT(seat->chatter.n), INT(to)));
	if (rc == DB_OK)
		rc = count(db, seat, &unread);
	if (rc == DB_OK)
		rc = stmt_run(db, &unread_sql, SET_READ,
		    ARGS(INT(to), INT(unread), INT(seat->chatter.n)));
	return rc;
}

/* Adds {"room","message","unread"} of SEAT. */
static enum db_rc
add_read(struct db *db, const struct seat_row *seat, struct buf *b)
{
	int64_t unread;
	enum db_rc rc = count(db, seat, &unread);

	if (rc == DB_OK)
		buf_addf(b,
		    "{\"room\":\"%s\",\"message\":%lld,\"unread\":%lld}",
		    seat->name.s, (long long)seat->read, (long long)unread);
	return rc;
}

enum db_rc
unread_read(struct db *db, const struct room *room, struct chatter_id chatter,
    struct message_id message, struct buf *b)
{
	struct buf data = BUF_INIT;
	struct scope scope = { .type = SCOPE_USER };
	struct message_id last = { 0 };
	struct seat_row seat;
	int moved = 0;
	enum db_rc rc = read_seat(db, chatter, &seat);

	if (rc == DB_OK)
		rc = messages_last(db, room->id, &last);
	if (rc == DB_OK && message.n > last.n)
		message = last;
	if (rc == DB_OK && message.n > seat.read) {
		moved = 1;
		rc = move_marker(db, &seat, message.n);
	}
	if (rc == DB_OK)
		rc = add_read(db, &seat, &data);
	if (rc == DB_OK && moved) {
		scope.id = seat.user.n;
		rc = events_append(
		    db, scope, EVENT_READ, &data, EVENT_ENDS_NOBODY);
	}
	buf_add(b, data.p, data.len);
	buf_done(&data);
	return rc;
}
