#include "db/rows/presence.h"

#include "db/rows/said.h"
#include "db/rows/sql.h"

enum {
	INSERT,
	END,
	GOODBYE,
	END_DEAD,
	RESTART,
	SHIFT,
	DROP,
	DROP_ROOM,
	DROP_CHATTER,
	SET_UPTO,
	LOWER_UPTO,
	ONLINE,
	REMAINING,
	COUNT,
	CHATTERS,
	EXPIRED,
	DUE,
	OWN_EXPIRED,
	ANY,
	GET,
	OF_CONN,
	OF_JOIN,
	SPARE,
	COVERS,
	STANDING,
	LAGS,
	SLOTS_USED,
	SLOTS,
	LAGGING,
	FORGET_SLOTS,
	N_SQL
};

#define GRACE "(SELECT grace FROM room WHERE room.id = presence.room)"

/* The event of the newest message that counts; NULL: there is none. */
#define SAID                                                             \
	"(SELECT m.event FROM message AS m WHERE m.room = presence.room" \
	" AND m.id = " SAID_IN("presence.room") ")"

#define COLUMNS "id, since, upto, slot"
enum { COL_ID, COL_SINCE, COL_UPTO, COL_SLOT, COL_SAID, COL_EXPIRES };

static const char *const sql[N_SQL] = {
	[INSERT] = "INSERT INTO presence"
		   " (room, chatter, conn, transport, node, expires, since,"
		   " upto, slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		   " RETURNING id",
	/* A goodbye may have come before the end. */
	[END] = "UPDATE presence SET node = NULL, slot = NULL,"
		" upto = max(upto, ?3), expires = iif(node IS NULL, expires,"
		" ?1 + " GRACE ") WHERE id = ?2",
	/* Never later than the row would have expired by itself. */
	[GOODBYE] = "UPDATE presence SET node = NULL,"
		    " expires = ?1 + " GRACE " WHERE conn = ?2 AND chatter IN"
		    " (SELECT id FROM chatter WHERE person = ?3)"
		    " AND (expires IS NULL OR expires > ?1 + " GRACE ")",
	[END_DEAD] = "UPDATE presence SET node = NULL,"
		     " expires = ?1 + " GRACE
		     " WHERE node IN (SELECT id FROM node WHERE lease < ?2)",
	[RESTART] = "UPDATE presence SET node = NULL, expires = ?"
		    " + (SELECT grace FROM room WHERE room.id = presence.room)",
	[SHIFT] = "UPDATE presence SET expires = expires + ?2"
		  " WHERE expires > ?1",
	[DROP] = "DELETE FROM presence WHERE id = ?",
	[DROP_ROOM] = "DELETE FROM presence WHERE room = ?",
	[DROP_CHATTER] = "DELETE FROM presence WHERE chatter = ?",
	[SET_UPTO] = "UPDATE presence SET upto = ?2 WHERE id = ?1",
	[LOWER_UPTO] = "UPDATE presence SET upto = max(since, ?)"
		       " WHERE id = ? AND upto = ?",
	[ONLINE] = "SELECT 1 FROM presence WHERE chatter = ? LIMIT 1",
	[REMAINING] = "SELECT expires FROM presence"
		      " WHERE chatter = ? AND conn = ?",
	/* Counts along an index; no more rows than connections. */
	[COUNT] = "SELECT count(*) FROM presence WHERE room > 0",
	[CHATTERS] = "SELECT DISTINCT chatter FROM presence WHERE room = ?"
		     " ORDER BY chatter LIMIT ?",
	[EXPIRED] = "SELECT id, room, chatter FROM presence"
		    " WHERE expires <= ? ORDER BY expires LIMIT ?",
	[DUE] = "SELECT 1 FROM presence WHERE expires <= ?1 UNION ALL"
		" SELECT 1 FROM node WHERE lease < ?2 LIMIT 1",
	[OWN_EXPIRED] = "SELECT id FROM presence WHERE chatter = ?"
			" AND expires <= ? LIMIT 1",
	[ANY] = "SELECT id FROM presence WHERE chatter = ? LIMIT 1",
	[GET] = "SELECT " COLUMNS " FROM presence WHERE id = ?",
	[OF_CONN] = "SELECT " COLUMNS " FROM presence"
		    " WHERE chatter = ? AND conn = ?",
	[OF_JOIN] = "SELECT " COLUMNS " FROM presence"
		    " WHERE chatter = ? AND transport = 0",
	[SPARE] = "SELECT " COLUMNS " FROM presence"
		  " WHERE chatter = ? AND node IS NULL"
		  " ORDER BY expires DESC, id DESC LIMIT -1 OFFSET ?",
	[COVERS] = "SELECT 1 FROM presence WHERE chatter = ?"
		   " AND since <= ? AND upto >= ? LIMIT 1",
	[STANDING] = "SELECT " COLUMNS ", coalesce(" SAID ", 0), expires"
		     " FROM presence WHERE chatter = ? AND conn = ?",
	[LAGS] = "SELECT upto FROM presence"
		 " WHERE id = ?1 AND upto < ?2 AND upto < " SAID,
	/* Only at the start of a daemon; no more rows than connections. */
	[SLOTS_USED] = "SELECT 1 FROM presence WHERE room > 0"
		       " AND slot BETWEEN ? AND ? LIMIT 1",
	/* When a daemon has used up its slots; as many rows. */
	[SLOTS] = "SELECT slot FROM presence WHERE room > 0"
		  " AND slot BETWEEN ? AND ?",
	[LAGGING] =
	    "SELECT " COLUMNS " FROM presence WHERE id > ?"
	    " AND slot IS NOT NULL AND upto < " SAID " ORDER BY id LIMIT 1",
	[FORGET_SLOTS] = "UPDATE presence SET slot = NULL WHERE room > 0",
};
const struct sql presence_sql = { SQL_PRESENCE, sql, N_SQL };

enum db_rc
presence_insert(
    struct db *db, const struct presence_draft *d, struct presence_id *id)
{
	return stmt_insert(db, &presence_sql, INSERT,
	    ARGS(INT(d->room.n), INT(d->chatter.n), TEXT(d->conn),
		INT((int64_t)d->transport), INT_OR_NULL(d->node.n),
		INT_OR_NULL(d->expires), INT(d->span.since), INT(d->span.upto),
		INT_OR_NULL(d->slot)),
	    &id->n);
}

enum db_rc
presence_end(struct db *db, struct presence_id id, int64_t upto, int64_t now)
{
	return stmt_run(
	    db, &presence_sql, END, ARGS(INT(now), INT(id.n), INT(upto)));
}

enum db_rc
presence_goodbye(struct db *db, struct user_id user, const char *conn,
    int64_t now, int64_t *n)
{
	enum db_rc rc = stmt_run(db, &presence_sql, GOODBYE,
	    ARGS(INT(now), TEXT(conn), INT(user.n)));

	*n = stmt_changes(db);
	return rc;
}

enum db_rc
presence_end_dead(struct db *db, int64_t now, int64_t dead)
{
	return stmt_run(db, &presence_sql, END_DEAD, ARGS(INT(now), INT(dead)));
}

enum db_rc
presence_restart(struct db *db, int64_t now)
{
	return stmt_run(db, &presence_sql, RESTART, ARGS(INT(now)));
}

enum db_rc
presence_shift(struct db *db, int64_t from, int64_t by)
{
	return stmt_run(db, &presence_sql, SHIFT, ARGS(INT(from), INT(by)));
}

enum db_rc
presence_drop(struct db *db, struct presence_id id)
{
	return stmt_run(db, &presence_sql, DROP, ARGS(INT(id.n)));
}

enum db_rc
presence_drop_room(struct db *db, struct room_id room)
{
	return stmt_run(db, &presence_sql, DROP_ROOM, ARGS(INT(room.n)));
}

enum db_rc
presence_drop_chatter(struct db *db, struct chatter_id chatter, int64_t *n)
{
	enum db_rc rc =
	    stmt_run(db, &presence_sql, DROP_CHATTER, ARGS(INT(chatter.n)));

	*n = stmt_changes(db);
	return rc;
}

enum db_rc
presence_set_upto(struct db *db, struct presence_id id, int64_t upto)
{
	return stmt_run(
	    db, &presence_sql, SET_UPTO, ARGS(INT(id.n), INT(upto)));
}

enum db_rc
presence_lower_upto(
    struct db *db, struct presence_id id, int64_t from, int64_t to)
{
	return stmt_run(
	    db, &presence_sql, LOWER_UPTO, ARGS(INT(from), INT(id.n), INT(to)));
}

enum db_rc
presence_online(struct db *db, struct chatter_id id)
{
	int64_t one;

	return stmt_one(db, &presence_sql, ONLINE, ARGS(INT(id.n)), &one);
}

/* The time until the lease time in COLUMN. */
static int64_t
remaining(struct db *db, struct stmt *s, int column)
{
	return stmt_is_null(s, column) ? INT64_MAX :
					 stmt_int(s, column) - db_lease_now(db);
}

enum db_rc
presence_remaining(
    struct db *db, struct chatter_id id, const char *conn, int64_t *ms)
{
	struct stmt *s = stmt_begin(
	    db, &presence_sql, REMAINING, ARGS(INT(id.n), TEXT(conn)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		*ms = remaining(db, s, 0);
	stmt_end(s);
	return rc;
}

enum db_rc
presence_count(struct db *db, int64_t *rows)
{
	return stmt_one(db, &presence_sql, COUNT, NO_ARGS, rows);
}

enum db_rc
presence_chatters(struct db *db, struct room_id room, struct chatter_id *ids,
    int limit, size_t *n)
{
	struct stmt *s = stmt_begin(
	    db, &presence_sql, CHATTERS, ARGS(INT(room.n), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		ids[(*n)++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
presence_expired(
    struct db *db, int64_t now, struct presence_ref *rows, int limit, size_t *n)
{
	struct stmt *s =
	    stmt_begin(db, &presence_sql, EXPIRED, ARGS(INT(now), INT(limit)));
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

enum db_rc
presence_due(struct db *db, int64_t now, int64_t dead)
{
	int64_t one;

	return stmt_one(
	    db, &presence_sql, DUE, ARGS(INT(now), INT(dead)), &one);
}

enum db_rc
presence_own_expired(struct db *db, int64_t now, struct presence_ref *ref)
{
	return stmt_one(db, &presence_sql, OWN_EXPIRED,
	    ARGS(INT(ref->chatter.n), INT(now)), &ref->id.n);
}

enum db_rc
presence_any(struct db *db, struct presence_ref *ref)
{
	return stmt_one(
	    db, &presence_sql, ANY, ARGS(INT(ref->chatter.n)), &ref->id.n);
}

static void
copy_row(struct stmt *s, struct presence_row *row)
{
	row->id.n = stmt_int(s, COL_ID);
	row->span.since = stmt_int(s, COL_SINCE);
	row->span.upto = stmt_int(s, COL_UPTO);
	row->slot = stmt_int(s, COL_SLOT);
}

static enum db_rc
read_row(struct stmt *s, struct presence_row *row)
{
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		copy_row(s, row);
	stmt_end(s);
	return rc;
}

enum db_rc
presence_get(struct db *db, struct presence_id id, struct presence_row *row)
{
	return read_row(
	    stmt_begin(db, &presence_sql, GET, ARGS(INT(id.n))), row);
}

enum db_rc
presence_of_conn(struct db *db, struct chatter_id chatter, const char *conn,
    struct presence_row *row)
{
	return read_row(stmt_begin(db, &presence_sql, OF_CONN,
			    ARGS(INT(chatter.n), TEXT(conn))),
	    row);
}

enum db_rc
presence_of_join(
    struct db *db, struct chatter_id chatter, struct presence_row *row)
{
	return read_row(
	    stmt_begin(db, &presence_sql, OF_JOIN, ARGS(INT(chatter.n))), row);
}

enum db_rc
presence_spare(struct db *db, struct chatter_id chatter, int keep,
    struct presence_row *row)
{
	return read_row(stmt_begin(db, &presence_sql, SPARE,
			    ARGS(INT(chatter.n), INT(keep))),
	    row);
}

enum db_rc
presence_covers(struct db *db, struct chatter_id chatter, struct span span)
{
	int64_t one;

	return stmt_one(db, &presence_sql, COVERS,
	    ARGS(INT(chatter.n), INT(span.since), INT(span.upto)), &one);
}

enum db_rc
presence_standing(struct db *db, struct chatter_id chatter, const char *conn,
    struct presence_standing *found)
{
	struct stmt *s = stmt_begin(
	    db, &presence_sql, STANDING, ARGS(INT(chatter.n), TEXT(conn)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		copy_row(s, &found->row);
		found->said = stmt_int(s, COL_SAID);
		found->ms = remaining(db, s, COL_EXPIRES);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
presence_lags(struct db *db, struct presence_id id, int64_t upto, int64_t *now)
{
	return stmt_one(
	    db, &presence_sql, LAGS, ARGS(INT(id.n), INT(upto)), now);
}

enum db_rc
presence_slots_used(struct db *db, int64_t first, int64_t last)
{
	int64_t one;

	return stmt_one(
	    db, &presence_sql, SLOTS_USED, ARGS(INT(first), INT(last)), &one);
}

enum db_rc
presence_slots(struct db *db, int64_t first, int64_t last,
    void (*fn)(int64_t slot, void *arg), void *arg)
{
	struct stmt *s =
	    stmt_begin(db, &presence_sql, SLOTS, ARGS(INT(first), INT(last)));
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK)
		fn(stmt_int(s, 0), arg);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
presence_next_lagging(struct db *db, struct presence_row *row)
{
	return read_row(
	    stmt_begin(db, &presence_sql, LAGGING, ARGS(INT(row->id.n))), row);
}

enum db_rc
presence_forget_slots(struct db *db)
{
	return stmt_run(db, &presence_sql, FORGET_SLOTS, NO_ARGS);
}
