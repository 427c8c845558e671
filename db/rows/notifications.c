#include "db/rows/notifications.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/json.h"
#include "db/rows/sql.h"

enum {
	OPEN,
	ACTED,
	INSERT,
	ADD_ACT,
	WORD,
	ADD_UP,
	FORGET_OLDEST,
	TAKE_ACT,
	NEWEST_ACT,
	TAKE_DOWN,
	NEWEST,
	COUNT,
	SURPLUS,
	IS_UNREAD,
	MARK,
	UNREAD_UPTO,
	MARK_UPTO,
	DROP,
	ONE,
	OF_ACTOR,
	PAGE,
	DROP_ALL,
	N_SQL
};

#define COLUMNS                                                                            \
	"n.id, n.room, a.actor, n.type, a.text, n.target_kind, n.target_id, a.parent_id, " \
	"a.payload, n.count, n.read, n.made, n.changed"
enum {
	COL_ID,
	COL_ROOM,
	COL_ACTOR,
	COL_TYPE,
	COL_TEXT,
	COL_TARGET_KIND,
	COL_TARGET_ID,
	COL_PARENT_ID,
	COL_PAYLOAD,
	COL_COUNT,
	COL_READ,
	COL_MADE,
	COL_CHANGED
};
#define FROM_BOTH \
	" FROM notification AS n CROSS JOIN act AS a ON a.id = n.latest"

static const char *const sql[N_SQL] = {
	[OPEN] = "SELECT id FROM notification"
		 " WHERE person = ? AND room = ? AND type = ?"
		 " AND target_kind = ? AND target_id = ?"
		 " AND read IS NULL AND target_kind <> ''",
	[ACTED] = "SELECT 1 FROM act WHERE notification = ? AND actor = ?",
	[INSERT] = "INSERT INTO notification (person, room, type, target_kind,"
		   " target_id, count, latest, made, changed)"
		   " VALUES (?, ?, ?, ?, ?, 1, 0, ?, ?) RETURNING id",
	[ADD_ACT] = "INSERT INTO act"
		    " (notification, actor, text, parent_id, payload)"
		    " VALUES (?, ?, ?, ?, ?) RETURNING id",
	[WORD] = "UPDATE notification SET latest = ? WHERE id = ?",
	[ADD_UP] = "UPDATE notification SET count = count + 1, latest = ?,"
		   " changed = ? WHERE id = ?",
	[FORGET_OLDEST] = "DELETE FROM act WHERE id ="
			  " (SELECT min(act.id) FROM act"
			  " JOIN notification AS n ON n.id = act.notification"
			  " WHERE act.notification = ? AND n.count > ?)",
	[TAKE_ACT] = "DELETE FROM act WHERE notification = ? AND actor = ?",
	[NEWEST_ACT] = "SELECT coalesce(max(id), 0) FROM act"
		       " WHERE notification = ?",
	[TAKE_DOWN] = "UPDATE notification SET count = count - 1, latest = ?"
		      " WHERE id = ?",
	[NEWEST] = "SELECT coalesce(max(changed), 0) FROM notification"
		   " WHERE person = ?",
	[COUNT] = "SELECT count(*) FROM notification WHERE person = ?",
	[SURPLUS] = "SELECT id FROM notification WHERE person = ?"
		    " ORDER BY read IS NULL, changed LIMIT ?",
	[IS_UNREAD] = "SELECT read IS NULL FROM notification"
		      " WHERE id = ? AND person = ?",
	[MARK] = "UPDATE notification SET read = ? WHERE id = ?",
	[UNREAD_UPTO] = "SELECT id FROM notification WHERE person = ?"
			" AND changed <= ? AND read IS NULL ORDER BY changed",
	[MARK_UPTO] = "UPDATE notification SET read = ? WHERE person = ?"
		      " AND changed <= ? AND read IS NULL",
	[DROP] = "DELETE FROM notification WHERE id = ?",
	[ONE] = "SELECT " COLUMNS FROM_BOTH " WHERE n.id = ?",
	[OF_ACTOR] = "SELECT " COLUMNS " FROM notification AS n"
		     " CROSS JOIN act AS a ON a.notification = n.id"
		     " WHERE n.id = ? AND a.actor = ?",
	[PAGE] =
	    "SELECT " COLUMNS FROM_BOTH " WHERE n.person = ? AND n.changed < ?"
	    " AND (? OR n.read IS NULL)"
	    " ORDER BY n.changed DESC LIMIT ?",
	[DROP_ALL] = "DELETE FROM notification WHERE person = ?",
};
const struct sql notifications_sql = { SQL_NOTIFICATIONS, sql, N_SQL };

static void
add_column(struct buf *b, const char *name, struct stmt *s, int column)
{
	buf_adds(b, name);
	json_add_text(b, stmt_text(s, column, NULL));
}

static void
add_time(struct buf *b, const char *name, struct stmt *s, int column)
{
	buf_adds(b, name);
	buf_addc(b, '"');
	clock_add_rfc3339(b, stmt_int(s, column));
	buf_addc(b, '"');
}

static void
add_target(struct buf *b, struct stmt *s)
{
	buf_adds(b, ",\"target\":");
	if (*stmt_text(s, COL_TARGET_KIND, NULL) == '\0') {
		buf_adds(b, "null");
		return;
	}
	add_column(b, "{\"kind\":", s, COL_TARGET_KIND);
	add_column(b, ",\"id\":", s, COL_TARGET_ID);
	buf_addc(b, '}');
}

/* A member sees who acted last; a service may keep that to itself. */
static void
add_from(struct buf *b, struct stmt *s)
{
	buf_adds(b, ",\"from\":");
	if (*stmt_text(s, COL_ROOM, NULL) == '\0') {
		buf_adds(b, "null");
		return;
	}
	add_column(b, "{\"room\":", s, COL_ROOM);
	add_column(b, ",\"chatter\":", s, COL_ACTOR);
	buf_addc(b, '}');
}

static void
add_json(struct stmt *s, struct buf *b)
{
	buf_adds(b, "{\"id\":");
	buf_addi(b, stmt_int(s, COL_ID));
	add_from(b, s);
	add_column(b, ",\"type\":", s, COL_TYPE);
	add_column(b, ",\"text\":", s, COL_TEXT);
	add_target(b, s);
	if (*stmt_text(s, COL_PARENT_ID, NULL) == '\0')
		buf_adds(b, ",\"parent_id\":null");
	else
		add_column(b, ",\"parent_id\":", s, COL_PARENT_ID);
	buf_adds(b, ",\"payload\":");
	buf_adds(b, stmt_text(s, COL_PAYLOAD, NULL));
	buf_adds(b, ",\"count\":");
	buf_addi(b, stmt_int(s, COL_COUNT));
	if (stmt_is_null(s, COL_READ))
		buf_adds(b, ",\"read_at\":null");
	else
		add_time(b, ",\"read_at\":", s, COL_READ);
	add_time(b, ",\"created_at\":", s, COL_MADE);
	add_time(b, ",\"changed_at\":", s, COL_CHANGED);
	buf_addc(b, '}');
}

static enum db_rc
add_one(struct stmt *s, struct buf *b)
{
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		add_json(s, b);
	stmt_end(s);
	return rc;
}

static enum db_rc
add_newest(struct db *db, struct notification_id id, struct buf *b)
{
	return add_one(
	    stmt_begin(db, &notifications_sql, ONE, ARGS(INT(id.n))), b);
}

enum db_rc
notifications_add_json(
    struct db *db, struct notification_id id, const char *actor, struct buf *b)
{
	if (actor == NULL)
		return add_newest(db, id, b);
	return add_one(stmt_begin(db, &notifications_sql, OF_ACTOR,
			   ARGS(INT(id.n), TEXT(actor))),
	    b);
}

enum db_rc
notifications_find_open(struct db *db, struct user_id user,
    const struct occasion *o, struct notification_id *id)
{
	return stmt_one(db, &notifications_sql, OPEN,
	    ARGS(INT(user.n), TEXT(o->room), TEXT(o->type),
		TEXT(o->target_kind), TEXT(o->target_id)),
	    &id->n);
}

enum db_rc
notifications_acted(struct db *db, struct notification_id id, const char *actor)
{
	int64_t one;

	return stmt_one(
	    db, &notifications_sql, ACTED, ARGS(INT(id.n), TEXT(actor)), &one);
}

static enum db_rc
insert_act(struct db *db, struct notification_id id, const struct act *act,
    int64_t *latest)
{
	return stmt_insert(db, &notifications_sql, ADD_ACT,
	    ARGS(INT(id.n), TEXT_OR_NULL(act->actor), TEXT(act->text),
		TEXT(act->parent_id), TEXT(act->payload)),
	    latest);
}

enum db_rc
notifications_insert(struct db *db, const struct act *act, int64_t made,
    int64_t changed, struct notification_id *id)
{
	const struct occasion *o = &act->occasion;
	int64_t latest;
	enum db_rc rc;

	rc = stmt_insert(db, &notifications_sql, INSERT,
	    ARGS(INT(act->user.n), TEXT(o->room), TEXT(o->type),
		TEXT(o->target_kind), TEXT(o->target_id), INT(made),
		INT(changed)),
	    &id->n);
	if (rc != DB_OK)
		return rc;
	rc = insert_act(db, *id, act, &latest);
	return rc == DB_OK ? stmt_run(db, &notifications_sql, WORD,
				 ARGS(INT(latest), INT(id->n))) :
			     rc;
}

enum db_rc
notifications_add_act(struct db *db, struct notification_id id,
    const struct act *act, int64_t changed)
{
	int64_t latest;
	enum db_rc rc = insert_act(db, id, act, &latest);

	if (rc == DB_OK)
		rc = stmt_run(db, &notifications_sql, ADD_UP,
		    ARGS(INT(latest), INT(changed), INT(id.n)));
	return rc == DB_OK ? stmt_run(db, &notifications_sql, FORGET_OLDEST,
				 ARGS(INT(id.n), INT(NOTIFICATION_ACTS_MAX))) :
			     rc;
}

enum db_rc
notifications_take_act(
    struct db *db, struct notification_id id, const char *actor, int *others)
{
	int64_t latest = 0;
	enum db_rc rc;

	rc = stmt_run(
	    db, &notifications_sql, TAKE_ACT, ARGS(INT(id.n), TEXT(actor)));
	if (rc == DB_OK && stmt_changes(db) == 0)
		return DB_NONE;
	if (rc == DB_OK)
		rc = stmt_one(db, &notifications_sql, NEWEST_ACT,
		    ARGS(INT(id.n)), &latest);
	*others = latest != 0;
	return rc == DB_OK && *others ?
	    stmt_run(db, &notifications_sql, TAKE_DOWN,
		ARGS(INT(latest), INT(id.n))) :
	    rc;
}

enum db_rc
notifications_newest(struct db *db, struct user_id user, int64_t *changed)
{
	return stmt_one(
	    db, &notifications_sql, NEWEST, ARGS(INT(user.n)), changed);
}

enum db_rc
notifications_count(struct db *db, struct user_id user, int64_t *count)
{
	return stmt_one(
	    db, &notifications_sql, COUNT, ARGS(INT(user.n)), count);
}

enum db_rc
notifications_surplus(struct db *db, struct user_id user, int64_t n,
    struct notification_id *ids, int64_t *found)
{
	struct stmt *s = stmt_begin(
	    db, &notifications_sql, SURPLUS, ARGS(INT(user.n), INT(n)));
	enum db_rc rc;

	*found = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		ids[(*found)++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
notifications_is_unread(struct db *db, struct user_id user,
    struct notification_id id, int64_t *unread)
{
	return stmt_one(db, &notifications_sql, IS_UNREAD,
	    ARGS(INT(id.n), INT(user.n)), unread);
}

enum db_rc
notifications_mark(struct db *db, struct notification_id id, int64_t read)
{
	return stmt_run(
	    db, &notifications_sql, MARK, ARGS(INT(read), INT(id.n)));
}

enum db_rc
notifications_mark_upto(struct db *db, struct user_id user, int64_t upto,
    int64_t read, int64_t *marked)
{
	enum db_rc rc = stmt_run(db, &notifications_sql, MARK_UPTO,
	    ARGS(INT(read), INT(user.n), INT(upto)));

	*marked = rc == DB_OK ? stmt_changes(db) : 0;
	return rc;
}

enum db_rc
notifications_add_unread_ids(
    struct db *db, struct user_id user, int64_t upto, struct buf *b)
{
	struct stmt *s = stmt_begin(
	    db, &notifications_sql, UNREAD_UPTO, ARGS(INT(user.n), INT(upto)));
	enum db_rc rc;

	for (int n = 0; (rc = stmt_next(s)) == DB_OK; n++) {
		if (n > 0)
			buf_addc(b, ',');
		buf_addi(b, stmt_int(s, COL_ID));
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
notifications_drop(struct db *db, struct notification_id id)
{
	return stmt_run(db, &notifications_sql, DROP, ARGS(INT(id.n)));
}

enum db_rc
notifications_drop_all(struct db *db, struct user_id user)
{
	return stmt_run(db, &notifications_sql, DROP_ALL, ARGS(INT(user.n)));
}

enum db_rc
notifications_add_page(struct db *db, struct user_id user,
    const struct inbox_page *page, struct buf *b, int *more)
{
	struct stmt *s = stmt_begin(db, &notifications_sql, PAGE,
	    ARGS(INT(user.n), INT(page->before), INT(page->which == WHICH_ALL),
		INT(page->limit + 1)));

	return stmt_list(s, page->limit, add_json, b, more);
}
