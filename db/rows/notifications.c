#include "db/rows/notifications.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/rows/json.h"
#include "db/rows/sql.h"

/* After the setting was lowered. */
enum { DROPPED_AT_ONCE = 64 };

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
	ADD_UNREAD,
	UNREAD,
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
		   " VALUES (?, ?, ?, ?, ?, 1, 0, ?, ?)",
	[ADD_ACT] = "INSERT INTO act"
		    " (notification, actor, text, parent_id, payload)"
		    " VALUES (?, ?, ?, ?, ?)",
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
	[ADD_UNREAD] = "UPDATE person SET unread = unread + ? WHERE id = ?",
	[UNREAD] = "SELECT unread FROM person WHERE id = ?",
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

/* Who did it last is known of members; of others a service may keep it. */
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
notifications_unread(struct db *db, struct user_id user, int64_t *unread)
{
	return stmt_one(
	    db, &notifications_sql, UNREAD, ARGS(INT(user.n)), unread);
}

/* Counts BY more, and appends DATA with how many are unread then. */
static enum db_rc
tell(struct db *db, struct user_id user, enum event_kind kind, struct buf *data,
    int64_t by)
{
	struct scope scope = { SCOPE_USER, user.n };
	enum db_rc rc = DB_OK;
	int64_t unread;

	if (by != 0)
		rc = stmt_run(db, &notifications_sql, ADD_UNREAD,
		    ARGS(INT(by), INT(user.n)));
	if (rc == DB_OK)
		rc = notifications_unread(db, user, &unread);
	if (rc != DB_OK)
		return rc;
	buf_adds(data, ",\"unread\":");
	buf_addi(data, unread);
	buf_addc(data, '}');
	return events_append(db, scope, kind, data, EVENT_ENDS_NOBODY);
}

/* Tells that ID is as JSON says. */
static enum db_rc
tell_one(struct db *db, struct user_id user, const struct buf *json, int64_t by)
{
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_adds(&data, "{\"notification\":");
	buf_add(&data, json->p, json->len);
	rc = tell(db, user, EVENT_NOTIFICATION, &data, by);
	buf_done(&data);
	return rc;
}

/* Tells what was done ("read", "deleted") to the LIST of ids. */
static enum db_rc
tell_list(struct db *db, struct user_id user, const char *done,
    const struct buf *list, int64_t by)
{
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_adds(&data, "{\"");
	buf_adds(&data, done);
	buf_adds(&data, "\":");
	buf_add(&data, list->p, list->len);
	rc = tell(db, user, EVENT_NOTIFICATIONS, &data, by);
	buf_done(&data);
	return rc;
}

static enum db_rc
tell_id(struct db *db, struct user_id user, const char *done,
    struct notification_id id, int64_t by)
{
	struct buf list = BUF_INIT;
	enum db_rc rc;

	buf_addc(&list, '[');
	buf_addi(&list, id.n);
	buf_addc(&list, ']');
	rc = tell_list(db, user, done, &list, by);
	buf_done(&list);
	return rc;
}

enum db_rc
notifications_delete(
    struct db *db, struct user_id user, struct notification_id id)
{
	int64_t unread;
	enum db_rc rc;

	rc = stmt_one(db, &notifications_sql, IS_UNREAD,
	    ARGS(INT(id.n), INT(user.n)), &unread);
	if (rc == DB_OK)
		rc = stmt_run(db, &notifications_sql, DROP, ARGS(INT(id.n)));
	if (rc == DB_OK)
		rc = tell_id(db, user, "deleted", id, -unread);
	return rc;
}

/* So that one more makes no more than KEEP. */
static enum db_rc
make_room(struct db *db, struct user_id user, int64_t keep)
{
	struct notification_id ids[DROPPED_AT_ONCE];
	int64_t count, n = 0;
	struct stmt *s;
	enum db_rc rc;

	rc = stmt_one(db, &notifications_sql, COUNT, ARGS(INT(user.n)), &count);
	if (rc != DB_OK || count < keep)
		return rc;
	count = count - keep + 1;
	if (count > DROPPED_AT_ONCE)
		count = DROPPED_AT_ONCE;
	s = stmt_begin(
	    db, &notifications_sql, SURPLUS, ARGS(INT(user.n), INT(count)));
	while ((rc = stmt_next(s)) == DB_OK)
		ids[n++].n = stmt_int(s, 0);
	stmt_end(s);
	if (rc == DB_NONE)
		rc = DB_OK;
	for (int64_t i = 0; rc == DB_OK && i < n; i++)
		rc = notifications_delete(db, user, ids[i]);
	return rc;
}

/* A time for what is on top now: later than any of the user's. */
static enum db_rc
next_time(struct db *db, struct user_id user, int64_t *when)
{
	int64_t newest = 0, now = clock_wall();
	enum db_rc rc;

	rc = stmt_one(
	    db, &notifications_sql, NEWEST, ARGS(INT(user.n)), &newest);
	*when = now > newest ? now : newest + 1;
	return rc;
}

static enum db_rc
add_act(struct db *db, struct notification_id id, const struct act *act,
    int64_t *latest)
{
	enum db_rc rc;

	rc = stmt_run(db, &notifications_sql, ADD_ACT,
	    ARGS(INT(id.n), TEXT_OR_NULL(act->actor), TEXT(act->text),
		TEXT(act->parent_id), TEXT(act->payload)));
	*latest = stmt_last_id(db);
	return rc;
}

/* Stores a notification of ACT alone; its JSON is added to JSON, empty. */
static enum db_rc
make(struct db *db, const struct act *act, int64_t keep, struct buf *json,
    struct notification_id *made)
{
	const struct occasion *o = &act->occasion;
	struct notification_id id = { 0 };
	int64_t when, latest;
	enum db_rc rc;

	rc = make_room(db, act->user, keep);
	if (rc == DB_OK)
		rc = next_time(db, act->user, &when);
	if (rc == DB_OK)
		rc = stmt_run(db, &notifications_sql, INSERT,
		    ARGS(INT(act->user.n), TEXT(o->room), TEXT(o->type),
			TEXT(o->target_kind), TEXT(o->target_id),
			INT(clock_wall()), INT(when)));
	if (rc == DB_OK) {
		id.n = stmt_last_id(db);
		rc = add_act(db, id, act, &latest);
	}
	if (rc == DB_OK)
		rc = stmt_run(
		    db, &notifications_sql, WORD, ARGS(INT(latest), INT(id.n)));
	if (rc == DB_OK)
		rc = add_newest(db, id, json);
	if (rc == DB_OK)
		rc = tell_one(db, act->user, json, 1);
	*made = id;
	return rc;
}

/* Puts ACT into one that is unread. */
static enum db_rc
collapse(struct db *db, struct notification_id id, const struct act *act,
    struct buf *json)
{
	int64_t one, when, latest;
	enum db_rc rc = DB_NONE;

	if (act->actor != NULL)
		rc = stmt_one(db, &notifications_sql, ACTED,
		    ARGS(INT(id.n), TEXT(act->actor)), &one);
	if (rc != DB_NONE)
		return rc == DB_OK ?
		    notifications_add_json(db, id, act->actor, json) :
		    rc;
	rc = next_time(db, act->user, &when);
	if (rc == DB_OK)
		rc = add_act(db, id, act, &latest);
	if (rc == DB_OK)
		rc = stmt_run(db, &notifications_sql, ADD_UP,
		    ARGS(INT(latest), INT(when), INT(id.n)));
	if (rc == DB_OK)
		rc = stmt_run(db, &notifications_sql, FORGET_OLDEST,
		    ARGS(INT(id.n), INT(NOTIFICATION_ACTS_MAX)));
	if (rc == DB_OK)
		rc = add_newest(db, id, json);
	if (rc == DB_OK)
		rc = tell_one(db, act->user, json, 0);
	return rc;
}

static enum db_rc
find_open(struct db *db, struct user_id user, const struct occasion *o,
    struct notification_id *id)
{
	return stmt_one(db, &notifications_sql, OPEN,
	    ARGS(INT(user.n), TEXT(o->room), TEXT(o->type),
		TEXT(o->target_kind), TEXT(o->target_id)),
	    &id->n);
}

enum db_rc
notifications_tell(struct db *db, const struct act *act, int64_t keep,
    struct buf *json, struct told *told)
{
	struct buf fresh = BUF_INIT;
	enum db_rc rc;

	rc = find_open(db, act->user, &act->occasion, &told->id);
	told->as = rc == DB_OK ? TOLD_BEFORE : TOLD_NEW;
	if (rc == DB_OK)
		rc = collapse(db, told->id, act, &fresh);
	else if (rc == DB_NONE)
		rc = make(db, act, keep, &fresh, &told->id);
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
	return rc;
}

/* Takes one act out; the last one takes the notification along. */
static enum db_rc
take_act(struct db *db, struct user_id user, struct notification_id id,
    const char *actor)
{
	struct buf json = BUF_INIT;
	int64_t latest = 0;
	enum db_rc rc;

	rc = stmt_run(
	    db, &notifications_sql, TAKE_ACT, ARGS(INT(id.n), TEXT(actor)));
	if (rc != DB_OK || stmt_changes(db) == 0)
		return rc;
	rc = stmt_one(
	    db, &notifications_sql, NEWEST_ACT, ARGS(INT(id.n)), &latest);
	if (rc != DB_OK || latest == 0)
		return rc == DB_OK ? notifications_delete(db, user, id) : rc;
	rc = stmt_run(
	    db, &notifications_sql, TAKE_DOWN, ARGS(INT(latest), INT(id.n)));
	if (rc == DB_OK)
		rc = add_newest(db, id, &json);
	if (rc == DB_OK)
		rc = tell_one(db, user, &json, 0);
	buf_done(&json);
	return rc;
}

enum db_rc
notifications_withdraw(struct db *db, struct user_id user,
    const struct occasion *occasion, const char *actor)
{
	struct notification_id id;
	enum db_rc rc = find_open(db, user, occasion, &id);

	if (rc == DB_OK)
		rc = actor != NULL ? take_act(db, user, id, actor) :
				     notifications_delete(db, user, id);
	return rc == DB_NONE ? DB_OK : rc;
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

enum db_rc
notifications_read(struct db *db, struct user_id user,
    struct notification_id id, struct buf *json)
{
	int64_t unread;
	enum db_rc rc;

	rc = stmt_one(db, &notifications_sql, IS_UNREAD,
	    ARGS(INT(id.n), INT(user.n)), &unread);
	if (rc == DB_OK && unread) {
		rc = stmt_run(db, &notifications_sql, MARK,
		    ARGS(INT(clock_wall()), INT(id.n)));
		if (rc == DB_OK)
			rc = tell_id(db, user, "read", id, -1);
	}
	return rc == DB_OK ? add_newest(db, id, json) : rc;
}

static void
add_id(struct stmt *s, struct buf *b)
{
	buf_addi(b, stmt_int(s, COL_ID));
}

/* What a queue is told to be read now: the ids up to UPTO as a list, or all. */
static enum db_rc
add_unread(struct db *db, struct user_id user, int64_t upto, struct buf *to)
{
	enum db_rc rc;
	int more;

	if (upto == INT64_MAX) {
		buf_adds(to, "\"all\"");
		return DB_OK;
	}
	buf_addc(to, '[');
	rc = stmt_list(stmt_begin(db, &notifications_sql, UNREAD_UPTO,
			   ARGS(INT(user.n), INT(upto))),
	    INT32_MAX, add_id, to, &more);
	buf_addc(to, ']');
	return rc;
}

enum db_rc
notifications_read_all(struct db *db, struct user_id user, int64_t upto)
{
	struct buf list = BUF_INIT;
	enum db_rc rc = add_unread(db, user, upto, &list);
	int64_t read = 0;

	if (rc == DB_OK)
		rc = stmt_run(db, &notifications_sql, MARK_UPTO,
		    ARGS(INT(clock_wall()), INT(user.n), INT(upto)));
	if (rc == DB_OK)
		read = stmt_changes(db);
	if (rc == DB_OK && read > 0)
		rc = tell_list(db, user, "read", &list, -read);
	buf_done(&list);
	return rc;
}

enum db_rc
notifications_forget(struct db *db, struct user_id user)
{
	return stmt_run(db, &notifications_sql, DROP_ALL, ARGS(INT(user.n)));
}
