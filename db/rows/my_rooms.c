#include "db/rows/my_rooms.h"

#include "db/base/must.h"
#include "db/rows/chatters.h"
#include "db/rows/messages.h"
#include "db/rows/rooms.h"
#include "db/rows/sql.h"
#include "db/rows/unread.h"

enum { LIST, EACH, N_SQL };

/* How new a room is: its newest message's time, or that of joining. */
#define AT "coalesce(m.sent, c.joined)"

enum { COL_CHATTER, COL_ROOM, COL_READ, COL_NAME, COL_AT, COL_SAID, COL_AWAY };

static const char *const sql[N_SQL] = {
	[LIST] = "SELECT c.id, c.room, c.read, r.name, " AT ", r.said,"
		 " EXISTS (SELECT 1 FROM absence AS a"
		 " WHERE a.chatter = c.id AND a.upto IS NULL)"
		 " FROM chatter AS c CROSS JOIN room AS r ON r.id = c.room"
		 " LEFT JOIN message AS m ON m.room = r.id AND m.id = r.said"
		 " WHERE c.person = ?1 AND c.left_at IS NULL"
		 " AND r.gone IS NULL"
		 " AND (" AT " < ?2 OR (" AT " = ?2 AND r.name > ?3))"
		 " ORDER BY " AT " DESC, r.name LIMIT ?4",
	/* Without an absence nothing is unread. */
	[EACH] = "SELECT c.id, c.room, c.read"
		 " FROM chatter AS c CROSS JOIN room AS r ON r.id = c.room"
		 " WHERE c.person = ? AND c.left_at IS NULL AND r.gone IS NULL"
		 " AND EXISTS (SELECT 1 FROM absence AS a"
		 " WHERE a.chatter = c.id)",
};
const struct sql my_rooms_sql = { SQL_MY_ROOMS, sql, N_SQL };

struct row {
	struct chatter_id chatter;
	struct room_id room;
	struct message_id read, said;
	struct room_name name;
	int64_t at;
	int away;
};

static void
read_row(struct stmt *s, struct row *row)
{
	const char *name;
	size_t len;

	row->chatter.n = stmt_int(s, COL_CHATTER);
	row->room.n = stmt_int(s, COL_ROOM);
	row->read.n = stmt_int(s, COL_READ);
	name = stmt_text(s, COL_NAME, &len);
	must(len <= ROOM_NAME_MAX);
	memcpy(row->name.s, name, len + 1);
	row->at = stmt_int(s, COL_AT);
	row->said.n = stmt_int(s, COL_SAID);
	row->away = (int)stmt_int(s, COL_AWAY);
}

static enum db_rc
add_last(struct db *db, const struct row *row, struct buf *b)
{
	enum db_rc rc = DB_NONE;

	buf_adds(b, ",\"last_message\":");
	if (row->said.n > 0)
		rc = messages_add_json(db, row->room, row->said, b);
	if (rc == DB_NONE)
		buf_adds(b, "null");
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
add_row(struct db *db, const struct row *row, struct buf *b)
{
	int64_t unread = 0;
	enum db_rc rc;

	buf_adds(b, "{\"room\":");
	rc = rooms_add_json(db, row->room, b);
	buf_adds(b, ",\"chatter\":");
	if (rc == DB_OK)
		rc = chatters_add_json(db, row->chatter, b);
	if (rc == DB_OK)
		rc = add_last(db, row, b);
	if (rc == DB_OK)
		rc = unread_count(
		    db, row->chatter, row->room, row->read, &unread);
	buf_addf(b, ",\"unread\":%lld,\"read\":%lld,\"online\":%s}",
	    (long long)unread, (long long)row->read.n,
	    row->away ? "false" : "true");
	return rc;
}

enum db_rc
my_rooms_add(struct db *db, struct user_id user, int limit,
    struct my_rooms_place *place, struct buf *b, int *more)
{
	struct row *rows = must_alloc((size_t)(limit + 1) * sizeof(*rows));
	struct stmt *s = stmt_begin(db, &my_rooms_sql, LIST,
	    ARGS(INT(user.n), INT(place->at), TEXT(place->room.s),
		INT(limit + 1)));
	int n = 0;
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK)
		read_row(s, &rows[n++]);
	stmt_end(s);
	rc = rc == DB_NONE ? DB_OK : rc;
	*more = n > limit;
	for (int i = 0; rc == DB_OK && i < n && i < limit; i++) {
		if (i > 0)
			buf_addc(b, ',');
		rc = add_row(db, &rows[i], b);
		*place = (struct my_rooms_place){ rows[i].at, rows[i].name };
	}
	free(rows);
	return rc;
}

enum db_rc
my_rooms_unread(struct db *db, struct user_id user, int64_t *unread)
{
	struct stmt *s = stmt_begin(db, &my_rooms_sql, EACH, ARGS(INT(user.n)));
	enum db_rc rc;
	int64_t n;

	*unread = 0;
	while ((rc = stmt_next(s)) == DB_OK) {
		rc = unread_count(db,
		    (struct chatter_id){ stmt_int(s, COL_CHATTER) },
		    (struct room_id){ stmt_int(s, COL_ROOM) },
		    (struct message_id){ stmt_int(s, COL_READ) }, &n);
		if (rc != DB_OK)
			break;
		*unread += n;
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}
