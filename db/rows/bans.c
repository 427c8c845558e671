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
	OUTLAST,
	WAS,
	TAKE_SEATS,
	TAKE_BANS,
	TAKEN,
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
	/* A ban follows a chatter: users were made in another order. */
	/*
	 * Two readings of the clocks differ by a ms now and then: whole seconds
	 * show one time whenever it is asked for.
	 */
	[LIST] = "SELECT c.name, c.nickname,"
		 " (b.until + ?5 + 500) / 1000 * 1000 FROM ban AS b"
		 " CROSS JOIN chatter AS c ON c.room = b.room"
		 " AND c.person = b.person WHERE b.room = ?1"
		 " AND b.person > coalesce((SELECT person FROM chatter"
		 " WHERE id = ?2), 0)"
		 " AND (b.until IS NULL OR b.until > ?3)"
		 " ORDER BY b.person LIMIT ?4",
	[OUTLAST] = "INSERT INTO banned_subject (hash, person) SELECT ?1, ?2"
		    " WHERE EXISTS (SELECT 1 FROM ban WHERE person = ?2"
		    " AND (until IS NULL OR until > ?3))",
	[WAS] = "SELECT person FROM banned_subject WHERE hash = ?",
	[TAKE_SEATS] = "UPDATE chatter SET person = ?1 WHERE person = ?2"
		       " AND room IN (SELECT room FROM ban WHERE person = ?2)",
	[TAKE_BANS] = "UPDATE ban SET person = ?1 WHERE person = ?2",
	[TAKEN] = "DELETE FROM banned_subject WHERE hash = ?",
	[DROP_SOME] =
	    "DELETE FROM ban WHERE room = ?1 AND person IN"
	    " (SELECT person FROM ban WHERE room = ?1 ORDER BY person LIMIT ?2)",
};
const struct sql bans_sql = { SQL_BANS, sql, N_SQL };

enum { COL_NAME, COL_NICKNAME, COL_UNTIL };

enum db_rc
bans_make(struct db *db, const struct chatter *c, int64_t until)
{
	return stmt_run(db, &bans_sql, MAKE,
	    ARGS(INT(c->room.n), INT(c->user.n), INT_OR_NULL(until)));
}

enum db_rc
bans_lift(struct db *db, const struct chatter *c)
{
	enum db_rc rc = bans_check(db, c->room, c->user);

	return rc == DB_OK ? stmt_run(db, &bans_sql, LIFT,
				 ARGS(INT(c->room.n), INT(c->user.n))) :
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
bans_outlast(struct db *db, struct user_id user,
    const unsigned char person[SECRET_HASH_LEN])
{
	return stmt_run(db, &bans_sql, OUTLAST,
	    ARGS(BLOB(person, SECRET_HASH_LEN), INT(user.n),
		INT(steady_now(db))));
}

enum db_rc
bans_take(struct db *db, struct user_id user,
    const unsigned char person[SECRET_HASH_LEN])
{
	static const int takes[] = { TAKE_SEATS, TAKE_BANS };
	struct args who = ARGS(BLOB(person, SECRET_HASH_LEN));
	int64_t was;
	enum db_rc rc = stmt_one(db, &bans_sql, WAS, who, &was);

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	for (size_t i = 0; rc == DB_OK && i < sizeof(takes) / sizeof(takes[0]);
	     i++)
		rc = stmt_run(
		    db, &bans_sql, takes[i], ARGS(INT(user.n), INT(was)));
	return rc == DB_OK ? stmt_run(db, &bans_sql, TAKEN, who) : rc;
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
