#include "db/rows/absences.h"

#include "db/rows/said.h"
#include "db/rows/sql.h"

enum {
	OPEN,
	DROP_EMPTY,
	CLOSE,
	ADD,
	THIN_OUT,
	DROP_PAST,
	FORGET,
	COUNT,
	N_SQL
};

static const char *const sql[N_SQL] = {
	[OPEN] = "INSERT INTO absence (chatter, since)"
		 " SELECT ?1, min(?3, " SAID_IN("?2") ")",
	/* Notices are not counted: an absence with them alone is empty. */
	[DROP_EMPTY] = "DELETE FROM absence WHERE chatter = ?1"
		       " AND upto IS NULL AND since >= " SAID_IN("?2"),
	[CLOSE] = "UPDATE absence SET upto = " SAID_IN(
	    "?2") " WHERE chatter = ?1 AND upto IS NULL",
	/* An absence needs a message that counts. */
	[ADD] = "INSERT INTO absence (chatter, since, upto)"
		" SELECT ?1, ?3, ?4 WHERE EXISTS (SELECT 1 FROM message AS m"
		" WHERE m.room = ?2 AND m.id > ?3 AND m.id <= ?4"
		" AND coalesce(m.chatter <> ?1, m.key IS NOT NULL))",
	[THIN_OUT] = "DELETE FROM absence WHERE chatter = ?1 AND since IN"
		     " (SELECT since FROM absence WHERE chatter = ?1"
		     " ORDER BY since DESC LIMIT -1 OFFSET ?2)",
	[DROP_PAST] = "DELETE FROM absence WHERE chatter = ? AND upto <= ?",
	[FORGET] = "DELETE FROM absence WHERE chatter = ?",
	/* A key's alert has no chatter; a notice has neither. */
	[COUNT] = "SELECT count(*) FROM (SELECT 1 FROM absence AS a"
		  " CROSS JOIN message AS m ON m.room = ?2"
		  " AND m.id > max(a.since, ?3)"
		  " AND m.id <= coalesce(a.upto, 9223372036854775807)"
		  " WHERE a.chatter = ?1 AND m.deleted IS NULL"
		  " AND coalesce(m.chatter <> ?1, m.key IS NOT NULL)"
		  " LIMIT ?4)",
};
const struct sql absences_sql = { SQL_ABSENCES, sql, N_SQL };

enum db_rc
absences_open(struct db *db, struct chatter_id chatter, struct room_id room,
    struct message_id heard)
{
	return stmt_run(db, &absences_sql, OPEN,
	    ARGS(INT(chatter.n), INT(room.n), INT(heard.n)));
}

enum db_rc
absences_close(struct db *db, struct chatter_id chatter, struct room_id room,
    int64_t *ended)
{
	struct args args = ARGS(INT(chatter.n), INT(room.n));
	enum db_rc rc = stmt_run(db, &absences_sql, DROP_EMPTY, args);

	*ended = stmt_changes(db);
	if (rc == DB_OK)
		rc = stmt_run(db, &absences_sql, CLOSE, args);
	*ended += stmt_changes(db);
	return rc;
}

enum db_rc
absences_add(struct db *db, struct chatter_id chatter, struct room_id room,
    struct gap gap)
{
	return stmt_run(db, &absences_sql, ADD,
	    ARGS(INT(chatter.n), INT(room.n), INT(gap.after.n),
		INT(gap.upto.n)));
}

enum db_rc
absences_thin_out(struct db *db, struct chatter_id chatter, int keep)
{
	return stmt_run(
	    db, &absences_sql, THIN_OUT, ARGS(INT(chatter.n), INT(keep)));
}

enum db_rc
absences_drop_past(
    struct db *db, struct chatter_id chatter, struct message_id read)
{
	return stmt_run(
	    db, &absences_sql, DROP_PAST, ARGS(INT(chatter.n), INT(read.n)));
}

enum db_rc
absences_forget(struct db *db, struct chatter_id chatter, int64_t *n)
{
	enum db_rc rc =
	    stmt_run(db, &absences_sql, FORGET, ARGS(INT(chatter.n)));

	*n = stmt_changes(db);
	return rc;
}

enum db_rc
absences_count(struct db *db, struct chatter_id chatter, struct room_id room,
    struct message_id read, int limit, int64_t *n)
{
	return stmt_one(db, &absences_sql, COUNT,
	    ARGS(INT(chatter.n), INT(room.n), INT(read.n), INT(limit)), n);
}
