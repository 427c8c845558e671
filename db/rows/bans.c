#include "db/rows/bans.h"

#include "db/base/clock.h"
#include "db/rows/json.h"
#include "db/rows/steady.h"
#include "db/rows/sql.h"

enum {
	MAKE,
	LIFT,
	IS,
	LIST,
	KEEP,
	OF_SUBJECT,
	MOVE,
	DROP_SUBJECT,
	DROP_SOME,
	N_SQL
};

static const char *const sql[N_SQL] = {
	[MAKE] = "INSERT INTO ban (room, person, until) VALUES (?, ?, ?)"
		 " ON CONFLICT (room, person) DO UPDATE SET until ="
		 " excluded.until",
	[LIFT] = "DELETE FROM ban WHERE room = ? AND person = ?",
	[IS] = "SELECT 1 FROM ban WHERE room = ? AND person = ?"
	       " AND (until IS NULL OR until > ?)",
	/*
	 * A page begins after a chatter and is in the order of users.  Times
	 * are shown in whole seconds: two readings of the clocks may differ by
	 * a ms, and every request must show the same time.
	 */
	[LIST] = "SELECT c.name, c.nickname,"
		 " (b.until + ?5 + 500) / 1000 * 1000 FROM ban AS b"
		 " CROSS JOIN chatter AS c ON c.room = b.room"
		 " AND c.person = b.person WHERE b.room = ?1"
		 " AND b.person > coalesce((SELECT person FROM chatter"
		 " WHERE id = ?2), 0)"
		 " AND (b.until IS NULL OR b.until > ?3)"
		 " ORDER BY b.person LIMIT ?4",
	[KEEP] = "INSERT INTO banned_subject (hash, person) SELECT ?1, ?2"
		 " WHERE EXISTS (SELECT 1 FROM ban WHERE person = ?2"
		 " AND (until IS NULL OR until > ?3))",
	[OF_SUBJECT] = "SELECT person FROM banned_subject WHERE hash = ?",
	[MOVE] = "UPDATE ban SET person = ?1 WHERE person = ?2",
	[DROP_SUBJECT] = "DELETE FROM banned_subject WHERE hash = ?",
	[DROP_SOME] =
	    "DELETE FROM ban WHERE room = ?1 AND person IN"
	    " (SELECT person FROM ban WHERE room = ?1 ORDER BY person LIMIT ?2)",
};
const struct sql bans_sql = { SQL_BANS, sql, N_SQL };

enum { COL_NAME, COL_NICKNAME, COL_UNTIL };

enum db_rc
bans_make(
    struct db *db, struct room_id room, struct user_id user, int64_t until)
{
	return stmt_run(db, &bans_sql, MAKE,
	    ARGS(INT(room.n), INT(user.n), INT_OR_NULL(until)));
}

enum db_rc
bans_lift(struct db *db, struct room_id room, struct user_id user)
{
	enum db_rc rc = bans_check(db, room, user);

	return rc == DB_OK ?
	    stmt_run(db, &bans_sql, LIFT, ARGS(INT(room.n), INT(user.n))) :
	    rc;
}

enum db_rc
bans_check(struct db *db, struct room_id room, struct user_id user)
{
	int64_t one;

	return stmt_one(db, &bans_sql, IS,
	    ARGS(INT(room.n), INT(user.n), INT(steady_now(db))), &one);
}

enum db_rc
bans_refuse(
    struct db *db, struct room_id room, struct user_id user, enum problem *why)
{
	enum db_rc rc = bans_check(db, room, user);

	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	*why = rc == DB_OK ? PROBLEM_BANNED : PROBLEM_NOT_IN_ROOM;
	return DB_CONFLICT;
}

enum db_rc
bans_keep(struct db *db, struct user_id user,
    const unsigned char person[SECRET_HASH_LEN])
{
	return stmt_run(db, &bans_sql, KEEP,
	    ARGS(BLOB(person, SECRET_HASH_LEN), INT(user.n),
		INT(steady_now(db))));
}

enum db_rc
bans_of_subject(struct db *db, const unsigned char person[SECRET_HASH_LEN],
    struct user_id *user)
{
	return stmt_one(db, &bans_sql, OF_SUBJECT,
	    ARGS(BLOB(person, SECRET_HASH_LEN)), &user->n);
}

enum db_rc
bans_move(struct db *db, const unsigned char person[SECRET_HASH_LEN],
    struct user_id from, struct user_id to)
{
	enum db_rc rc =
	    stmt_run(db, &bans_sql, MOVE, ARGS(INT(to.n), INT(from.n)));

	return rc == DB_OK ? stmt_run(db, &bans_sql, DROP_SUBJECT,
				 ARGS(BLOB(person, SECRET_HASH_LEN))) :
			     rc;
}

static void
add_json(struct stmt *s, struct buf *b)
{
	struct buf until = BUF_INIT;

	if (!stmt_is_null(s, COL_UNTIL))
		clock_add_rfc3339(&until, stmt_int(s, COL_UNTIL));
	json_put(json_pack("{s:{s:s, s:s}, s:s?}", "chatter", "id",
		     stmt_text(s, COL_NAME, NULL), "nickname",
		     stmt_text(s, COL_NICKNAME, NULL), "until", until.p),
	    b);
	buf_done(&until);
}

enum db_rc
bans_add_list(struct db *db, struct room_id room, struct chatter_id after,
    int limit, struct buf *b, int *more)
{
	struct stmt *s = stmt_begin(db, &bans_sql, LIST,
	    ARGS(INT(room.n), INT(after.n), INT(steady_now(db)), INT(limit + 1),
		INT(steady_to_wall(db, 0))));

	return stmt_list(s, limit, add_json, b, more);
}

enum db_rc
bans_drop_some(struct db *db, struct room_id room, int limit, int64_t *dropped)
{
	enum db_rc rc =
	    stmt_run(db, &bans_sql, DROP_SOME, ARGS(INT(room.n), INT(limit)));

	*dropped = rc == DB_OK ? stmt_changes(db) : 0;
	return rc;
}
