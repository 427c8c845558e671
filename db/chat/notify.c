#include "db/chat/notify.h"

#include "db/base/clock.h"
#include "db/rows/events.h"
#include "db/rows/users.h"

/* After the setting was lowered. */
enum { DROPPED_AT_ONCE = 64 };

/* Adds BY to the unread count, and appends DATA with the new count. */
static enum db_rc
tell(struct db *db, struct user_id user, enum event_kind kind, struct buf *data,
    int64_t by)
{
	struct scope scope = { SCOPE_USER, user.n };
	enum db_rc rc = DB_OK;
	int64_t unread;

	if (by != 0)
		rc = users_add_unread(db, user, by);
	if (rc == DB_OK)
		rc = users_unread(db, user, &unread);
	if (rc != DB_OK)
		return rc;
	buf_adds(data, ",\"unread\":");
	buf_addi(data, unread);
	buf_addc(data, '}');
	return events_append(db, scope, kind, data, EVENT_ENDS_NOBODY);
}

/* Tells the user's queue the notification JSON. */
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
notify_delete(struct db *db, struct user_id user, struct notification_id id)
{
	int64_t unread;
	enum db_rc rc = notifications_is_unread(db, user, id, &unread);

	if (rc == DB_OK)
		rc = notifications_drop(db, id);
	if (rc == DB_OK)
		rc = tell_id(db, user, "deleted", id, -unread);
	return rc;
}

/* Deletes notifications until there are fewer than KEEP. */
static enum db_rc
make_room(struct db *db, struct user_id user, int64_t keep)
{
	struct notification_id ids[DROPPED_AT_ONCE];
	int64_t count, n;
	enum db_rc rc = notifications_count(db, user, &count);

	if (rc != DB_OK || count < keep)
		return rc;
	count = count - keep + 1;
	if (count > DROPPED_AT_ONCE)
		count = DROPPED_AT_ONCE;
	rc = notifications_surplus(db, user, count, ids, &n);
	for (int64_t i = 0; rc == DB_OK && i < n; i++)
		rc = notify_delete(db, user, ids[i]);
	return rc;
}

/* A CHANGED for the notification on top: later than all others of the user. */
static enum db_rc
next_time(struct db *db, struct user_id user, int64_t *when)
{
	int64_t newest = 0, now = clock_wall();
	enum db_rc rc = notifications_newest(db, user, &newest);

	*when = now > newest ? now : newest + 1;
	return rc;
}

/* Stores a notification of ACT alone; its JSON is added to JSON, empty. */
static enum db_rc
make(struct db *db, const struct act *act, int64_t keep, struct buf *json,
    struct notification_id *made)
{
	int64_t when;
	enum db_rc rc = make_room(db, act->user, keep);

	if (rc == DB_OK)
		rc = next_time(db, act->user, &when);
	if (rc == DB_OK)
		rc = notifications_insert(db, act, clock_wall(), when, made);
	if (rc == DB_OK)
		rc = notifications_add_json(db, *made, NULL, json);
	if (rc == DB_OK)
		rc = tell_one(db, act->user, json, 1);
	return rc;
}

/* Adds ACT to an unread notification. */
static enum db_rc
collapse(struct db *db, struct notification_id id, const struct act *act,
    struct buf *json)
{
	int64_t when;
	enum db_rc rc = DB_NONE;

	if (act->actor != NULL)
		rc = notifications_acted(db, id, act->actor);
	if (rc != DB_NONE)
		return rc == DB_OK ?
		    notifications_add_json(db, id, act->actor, json) :
		    rc;
	rc = next_time(db, act->user, &when);
	if (rc == DB_OK)
		rc = notifications_add_act(db, id, act, when);
	if (rc == DB_OK)
		rc = notifications_add_json(db, id, NULL, json);
	if (rc == DB_OK)
		rc = tell_one(db, act->user, json, 0);
	return rc;
}

enum db_rc
notify_tell(struct db *db, const struct act *act, int64_t keep,
    struct buf *json, struct told *told)
{
	struct buf fresh = BUF_INIT;
	enum db_rc rc;

	rc = notifications_find_open(db, act->user, &act->occasion, &told->id);
	told->as = rc == DB_OK ? TOLD_BEFORE : TOLD_NEW;
	if (rc == DB_OK)
		rc = collapse(db, told->id, act, &fresh);
	else if (rc == DB_NONE)
		rc = make(db, act, keep, &fresh, &told->id);
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
	return rc;
}

/* Takes one act out; with the last one, deletes the notification. */
static enum db_rc
take_act(struct db *db, struct user_id user, struct notification_id id,
    const char *actor)
{
	struct buf json = BUF_INIT;
	int others;
	enum db_rc rc = notifications_take_act(db, id, actor, &others);

	if (rc != DB_OK)
		return rc;
	if (!others)
		return notify_delete(db, user, id);
	rc = notifications_add_json(db, id, NULL, &json);
	if (rc == DB_OK)
		rc = tell_one(db, user, &json, 0);
	buf_done(&json);
	return rc;
}

enum db_rc
notify_withdraw(struct db *db, struct user_id user,
    const struct occasion *occasion, const char *actor)
{
	struct notification_id id;
	enum db_rc rc = notifications_find_open(db, user, occasion, &id);

	if (rc == DB_OK)
		rc = actor != NULL ? take_act(db, user, id, actor) :
				     notify_delete(db, user, id);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
notify_read(struct db *db, struct user_id user, struct notification_id id,
    struct buf *json)
{
	int64_t unread;
	enum db_rc rc = notifications_is_unread(db, user, id, &unread);

	if (rc == DB_OK && unread) {
		rc = notifications_mark(db, id, clock_wall());
		if (rc == DB_OK)
			rc = tell_id(db, user, "read", id, -1);
	}
	return rc == DB_OK ? notifications_add_json(db, id, NULL, json) : rc;
}

/* The ids that the queue is told are read: those up to UPTO, or all. */
static enum db_rc
add_unread(struct db *db, struct user_id user, int64_t upto, struct buf *to)
{
	enum db_rc rc;

	if (upto == INT64_MAX) {
		buf_adds(to, "\"all\"");
		return DB_OK;
	}
	buf_addc(to, '[');
	rc = notifications_add_unread_ids(db, user, upto, to);
	buf_addc(to, ']');
	return rc;
}

enum db_rc
notify_read_all(struct db *db, struct user_id user, int64_t upto)
{
	struct buf list = BUF_INIT;
	enum db_rc rc = add_unread(db, user, upto, &list);
	int64_t read = 0;

	if (rc == DB_OK)
		rc = notifications_mark_upto(
		    db, user, upto, clock_wall(), &read);
	if (rc == DB_OK && read > 0)
		rc = tell_list(db, user, "read", &list, -read);
	buf_done(&list);
	return rc;
}
