#include "db/rows/notice_pace.h"

#include "db/rows/sql.h"

enum {
	PACE,
	SET_PACE,
	DROP_PACE,
	DUE,
	WAITING,
	ADD,
	FORGET_CHATTER,
	WHO,
	HOW_MANY,
	CAME_AND_WENT,
	FORGET_ROOM,
	N_SQL
};

enum { COL_BEGAN, COL_TOLD, COL_DUE };

#define GROUP "room = ? AND notice = ? AND again BETWEEN ? AND ?"

static const char *const sql[N_SQL] = {
	[PACE] = "SELECT began, told, due FROM notice_pace WHERE room = ?",
	[SET_PACE] = "INSERT INTO notice_pace (room, began, told, due)"
		     " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (room) DO UPDATE"
		     " SET began = ?2, told = ?3, due = ?4",
	[DROP_PACE] = "DELETE FROM notice_pace WHERE room = ?",
	/* A time far ahead was stored before the machine was restarted. */
	[DUE] = "SELECT room FROM notice_pace"
		" WHERE due <= ?1 OR due > ?2 LIMIT ?3",
	[WAITING] = "SELECT count(*) FROM coalesced WHERE chatter = ?",
	[ADD] = "INSERT INTO coalesced (chatter, again, room, notice)"
		" VALUES (?, ?, ?, ?)",
	[FORGET_CHATTER] = "DELETE FROM coalesced WHERE chatter = ?",
	[WHO] = "SELECT chatter FROM coalesced WHERE " GROUP
		" ORDER BY again, chatter LIMIT ?",
	[HOW_MANY] = "SELECT count(*) FROM coalesced WHERE " GROUP,
	[CAME_AND_WENT] = "SELECT 1 FROM coalesced"
			  " WHERE room = ? AND notice > ? AND again = 1"
			  " LIMIT 1",
	[FORGET_ROOM] = "DELETE FROM coalesced WHERE room = ?",
};
const struct sql notice_pace_sql = { SQL_NOTICE_PACE, sql, N_SQL };

enum db_rc
notice_pace_read(struct db *db, struct room_id room, struct notice_pace *pace)
{
	struct stmt *s =
	    stmt_begin(db, &notice_pace_sql, PACE, ARGS(INT(room.n)));
	enum db_rc rc = stmt_next(s);

	*pace = (struct notice_pace){ 0 };
	if (rc == DB_OK) {
		pace->began = stmt_int(s, COL_BEGAN);
		pace->told = stmt_int(s, COL_TOLD);
		pace->due = stmt_int(s, COL_DUE);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
notice_pace_set(
    struct db *db, struct room_id room, const struct notice_pace *pace)
{
	return stmt_run(db, &notice_pace_sql, SET_PACE,
	    ARGS(INT(room.n), INT(pace->began), INT(pace->told),
		INT_OR_NULL(pace->due)));
}

enum db_rc
notice_pace_drop_room(struct db *db, struct room_id room)
{
	return stmt_run(db, &notice_pace_sql, DROP_PACE, ARGS(INT(room.n)));
}

enum db_rc
notice_pace_due(struct db *db, const int64_t between[2], int limit,
    struct room_id *rooms, int *n)
{
	struct stmt *s = stmt_begin(db, &notice_pace_sql, DUE,
	    ARGS(INT(between[0]), INT(between[1]), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		rooms[(*n)++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
notice_pace_waiting(struct db *db, struct chatter_id id, int64_t *n)
{
	return stmt_one(db, &notice_pace_sql, WAITING, ARGS(INT(id.n)), n);
}

enum db_rc
notice_pace_coalesce(struct db *db, const struct coalesced *c)
{
	return stmt_run(db, &notice_pace_sql, ADD,
	    ARGS(INT(c->chatter.n), INT(c->again), INT(c->room.n),
		INT(c->notice)));
}

enum db_rc
notice_pace_forget_chatter(struct db *db, struct chatter_id id)
{
	return stmt_run(db, &notice_pace_sql, FORGET_CHATTER, ARGS(INT(id.n)));
}

enum db_rc
notice_pace_forget_room(struct db *db, struct room_id room)
{
	return stmt_run(db, &notice_pace_sql, FORGET_ROOM, ARGS(INT(room.n)));
}

enum db_rc
notice_pace_count(
    struct db *db, const struct coalesced_group *g, int64_t *count)
{
	return stmt_one(db, &notice_pace_sql, HOW_MANY,
	    ARGS(INT(g->room.n), INT(g->notice), INT(g->again[0]),
		INT(g->again[1])),
	    count);
}

enum db_rc
notice_pace_list(struct db *db, const struct coalesced_group *g, int limit,
    struct chatter_id *ids, size_t *n)
{
	struct stmt *s = stmt_begin(db, &notice_pace_sql, WHO,
	    ARGS(INT(g->room.n), INT(g->notice), INT(g->again[0]),
		INT(g->again[1]), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		ids[(*n)++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
notice_pace_came_and_went(struct db *db, struct room_id room, int joined)
{
	int64_t one;

	return stmt_one(db, &notice_pace_sql, CAME_AND_WENT,
	    ARGS(INT(room.n), INT(joined)), &one);
}
