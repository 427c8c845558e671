#include "db/rows/unread_watchers.h"

#include "db/rows/sql.h"

enum { INSERT, DROP, DROP_USER, DROP_ROOM, DROP_ALL, N_SQL };

static const char *const sql[N_SQL] = {
	[INSERT] = "INSERT INTO unread_watcher (chatter, room, person)"
		   " VALUES (?, ?, ?)",
	[DROP] = "DELETE FROM unread_watcher WHERE chatter = ?",
	[DROP_USER] = "DELETE FROM unread_watcher WHERE person = ?",
	[DROP_ROOM] = "DELETE FROM unread_watcher WHERE room = ?",
	[DROP_ALL] = "DELETE FROM unread_watcher",
};
const struct sql unread_watchers_sql = { SQL_UNREAD_WATCHERS, sql, N_SQL };

enum db_rc
unread_watchers_insert(struct db *db, struct chatter_id chatter,
    struct room_id room, struct user_id user)
{
	return stmt_run(db, &unread_watchers_sql, INSERT,
	    ARGS(INT(chatter.n), INT(room.n), INT(user.n)));
}

enum db_rc
unread_watchers_drop(struct db *db, struct chatter_id chatter)
{
	return stmt_run(db, &unread_watchers_sql, DROP, ARGS(INT(chatter.n)));
}

enum db_rc
unread_watchers_drop_user(struct db *db, struct user_id user)
{
	return stmt_run(db, &unread_watchers_sql, DROP_USER, ARGS(INT(user.n)));
}

enum db_rc
unread_watchers_drop_room(struct db *db, struct room_id room)
{
	return stmt_run(db, &unread_watchers_sql, DROP_ROOM, ARGS(INT(room.n)));
}

enum db_rc
unread_watchers_drop_all(struct db *db)
{
	return stmt_run(db, &unread_watchers_sql, DROP_ALL, NO_ARGS);
}
