#include "db/rows/memberships.h"

#include "db/base/must.h"
#include "db/rows/said.h"
#include "db/rows/sql.h"

enum { GET, AWAY, WATCHING, MISSED, WITH_ABSENCE, LIST, N_SQL };

/* Stale: something was erased in the room since the queue was last told. */
#define COLUMNS                                           \
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

/* How new a room is: its newest message's time, or that of joining. */
#define AT "coalesce(m.sent, c.joined)"

enum {
	LIST_CHATTER,
	LIST_ROOM,
	LIST_READ,
	LIST_NAME,
	LIST_AT,
	LIST_SAID,
	LIST_AWAY
};

static const char *const sql[N_SQL] = {
	[GET] = "SELECT " COLUMNS " FROM chatter AS c"
		" CROSS JOIN room AS r ON r.id = c.room WHERE c.id = ?",
	[AWAY] = "SELECT " COLUMNS " FROM chatter AS c"
		 " CROSS JOIN room AS r ON r.id = c.room"
		 " WHERE c.person = ? AND r.gone IS NULL"
		 " AND EXISTS (SELECT 1 FROM absence AS a"
		 " WHERE a.chatter = c.id AND a.upto IS NULL)",
	[WATCHING] = "SELECT " COLUMNS " FROM unread_watcher AS w"
		     " CROSS JOIN chatter AS c ON c.id = w.chatter"
		     " CROSS JOIN room AS r ON r.id = c.room"
		     " WHERE w.room = ? AND w.chatter <> ?",
	[MISSED] =
	    "SELECT " COLUMNS " FROM chatter AS c"
	    " CROSS JOIN room AS r ON r.id = c.room"
	    " WHERE c.id IN"
	    " (SELECT chatter FROM unread_watcher WHERE room = ?1 UNION ALL"
	    " SELECT chatter FROM presence WHERE room = ?1)"
	    " AND c.id <> ?2 AND c.read < ?3"
	    " AND EXISTS (SELECT 1 FROM absence AS a"
	    " WHERE a.chatter = c.id AND a.since < ?3"
	    " AND coalesce(a.upto, ?3) >= ?3)",
	[WITH_ABSENCE] =
	    "SELECT c.id, c.room, c.read"
	    " FROM chatter AS c CROSS JOIN room AS r ON r.id = c.room"
	    " WHERE c.person = ? AND c.left_at IS NULL AND r.gone IS NULL"
	    " AND EXISTS (SELECT 1 FROM absence AS a"
	    " WHERE a.chatter = c.id)",
	[LIST] =
	    "SELECT c.id, c.room, c.read, r.name, " AT ", coalesce(m.id, 0),"
	    " EXISTS (SELECT 1 FROM absence AS a"
	    " WHERE a.chatter = c.id AND a.upto IS NULL)"
	    " FROM chatter AS c CROSS JOIN room AS r ON r.id = c.room"
	    " LEFT JOIN message AS m ON m.room = r.id"
	    " AND m.id = " SAID_IN(
		"r.id") " WHERE c.person = ?1 AND c.left_at IS NULL"
			" AND r.gone IS NULL"
			" AND (" AT " < ?2 OR (" AT " = ?2 AND r.name > ?3))"
			" ORDER BY " AT " DESC, r.name LIMIT ?4",
};
const struct sql memberships_sql = { SQL_MEMBERSHIPS, sql, N_SQL };

static void
read_name(struct stmt *s, int column, struct room_name *name)
{
	size_t len;
	const char *text = stmt_text(s, column, &len);

	must(len <= ROOM_NAME_MAX);
	memcpy(name->s, text, len + 1);
}

static void
read_row(struct stmt *s, struct membership *m)
{
	m->chatter.n = stmt_int(s, COL_CHATTER);
	m->room.n = stmt_int(s, COL_ROOM);
	m->user.n = stmt_int(s, COL_USER);
	m->read.n = stmt_int(s, COL_READ);
	m->told = stmt_int(s, COL_TOLD);
	read_name(s, COL_NAME, &m->name);
	m->stale = (int)stmt_int(s, COL_STALE);
}

/* Lends every row of S to FN and ends S. */
static enum db_rc
each(struct stmt *s, membership_fn fn, void *arg)
{
	struct membership m;
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK) {
		read_row(s, &m);
		fn(&m, arg);
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
memberships_get(struct db *db, struct chatter_id chatter, struct membership *m)
{
	struct stmt *s =
	    stmt_begin(db, &memberships_sql, GET, ARGS(INT(chatter.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		read_row(s, m);
	stmt_end(s);
	return rc;
}

enum db_rc
memberships_away(
    struct db *db, struct user_id user, membership_fn fn, void *arg)
{
	return each(
	    stmt_begin(db, &memberships_sql, AWAY, ARGS(INT(user.n))), fn, arg);
}

enum db_rc
memberships_watching(struct db *db, struct room_id room,
    struct chatter_id except, membership_fn fn, void *arg)
{
	return each(stmt_begin(db, &memberships_sql, WATCHING,
			ARGS(INT(room.n), INT(except.n))),
	    fn, arg);
}

enum db_rc
memberships_missed(
    struct db *db, const struct said *said, membership_fn fn, void *arg)
{
	return each(stmt_begin(db, &memberships_sql, MISSED,
			ARGS(INT(said->room.n), INT(said->sender.n),
			    INT(said->message.n))),
	    fn, arg);
}

enum db_rc
memberships_with_absence(
    struct db *db, struct user_id user, membership_counted_fn fn, void *arg)
{
	struct stmt *s =
	    stmt_begin(db, &memberships_sql, WITH_ABSENCE, ARGS(INT(user.n)));
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK)
		fn((struct chatter_id){ stmt_int(s, 0) },
		    (struct room_id){ stmt_int(s, 1) },
		    (struct message_id){ stmt_int(s, 2) }, arg);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

static void
read_my_room(struct stmt *s, struct my_room *room)
{
	room->chatter.n = stmt_int(s, LIST_CHATTER);
	room->room.n = stmt_int(s, LIST_ROOM);
	room->read.n = stmt_int(s, LIST_READ);
	read_name(s, LIST_NAME, &room->name);
	room->at = stmt_int(s, LIST_AT);
	room->said.n = stmt_int(s, LIST_SAID);
	room->away = (int)stmt_int(s, LIST_AWAY);
}

enum db_rc
memberships_list(struct db *db, struct user_id user,
    const struct my_rooms_place *place, int limit, struct my_room *rooms,
    int *n)
{
	struct stmt *s = stmt_begin(db, &memberships_sql, LIST,
	    ARGS(INT(user.n), INT(place->at), TEXT(place->room.s), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		read_my_room(s, &rooms[(*n)++]);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}
