#include "db/chat/edit.h"

#include <jansson.h>

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/chat/author.h"
#include "db/rows/events.h"
#include "db/rows/json.h"
#include "db/rows/messages.h"
#include "db/rows/steady.h"
#include "db/chat/unread.h"

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

/* A message that is there already. */
struct old {
	struct message_id id;
	struct stored_message row;
	int64_t age; /* ms since it was sent */
	int notice;
	json_t *json;
};

static enum db_rc
read_old(struct db *db, const struct room *room, struct message_id id,
    struct old *old)
{
	struct stored_message *row = &old->row;
	struct buf json = BUF_INIT;
	enum db_rc rc = messages_get(db, room->id, id, row, &json);

	if (rc == DB_OK) {
		old->id = id;
		old->notice = row->chatter.n == 0 && row->key.n == 0;
		old->age = steady_now(db) - row->sent;
		old->json = json_loads(buf_str(&json), 0, NULL);
		must(old->json != NULL);
	}
	buf_done(&json);
	return rc;
}

/* The requester's relation to the message that is to change. */
struct standing {
	int own;
	enum role role; /* in the room */
};

static enum db_rc
find_standing(struct db *db, const struct room *room,
    const struct message_change *change, const struct old *old,
    struct standing *s, enum problem *why)
{
	struct author author = { .role = ROLE_MEMBER };
	int seatless = change->key.n != 0 || change->as == CHANGER_SUPERVISOR;
	enum db_rc rc = author_find(db, room->id, change->user, &author, why);

	if (rc == DB_CONFLICT && seatless) {
		*why = PROBLEM_NONE;
		rc = DB_OK;
	}
	s->role = author.role;
	s->own = author.id.n != 0 && author.id.n == old->row.chatter.n;
	if (change->key.n != 0 && change->key.n == old->row.key.n)
		s->own = 1;
	return rc;
}

/* The time limit on members' changes does not apply to moderators. */
static enum db_rc
check_time(const struct message_change *change, const struct old *old,
    const struct standing *s, enum problem *why)
{
	return s->role == ROLE_MEMBER && old->age > change->within ?
	    refuse(why, PROBLEM_TOO_LATE) :
	    DB_OK;
}

/* No role may change the words of another author. */
static enum db_rc
may_edit(struct db *db, const struct room *room,
    const struct message_change *change, const struct old *old,
    enum problem *why)
{
	struct standing s;
	enum db_rc rc = find_standing(db, room, change, old, &s, why);

	if (rc == DB_OK && !s.own)
		return refuse(why, PROBLEM_AUTHOR_ONLY);
	return rc == DB_OK ? check_time(change, old, &s, why) : rc;
}

static enum db_rc
may_delete(struct db *db, const struct room *room,
    const struct message_change *change, const struct old *old,
    enum problem *why)
{
	struct standing s;
	enum db_rc rc;

	if (change->as == CHANGER_SUPERVISOR)
		return DB_OK;
	rc = find_standing(db, room, change, old, &s, why);
	if (rc == DB_OK && !s.own && s.role == ROLE_MEMBER)
		return refuse(why, PROBLEM_DELETER_ONLY);
	return rc == DB_OK ? check_time(change, old, &s, why) : rc;
}

static void
set_now(json_t *message, const char *member)
{
	struct buf now = BUF_INIT;

	clock_add_rfc3339(&now, clock_wall());
	must(json_object_set_new(message, member, json_string(now.p)) == 0);
	buf_done(&now);
}

/* Silences the event of an earlier edit, and appends an event of KIND. */
static enum db_rc
tell_change(struct db *db, const struct room *room, const struct old *old,
    enum event_kind kind, const struct buf *json)
{
	struct scope scope = { SCOPE_ROOM, room->id.n };
	struct buf data = BUF_INIT;
	enum db_rc rc = DB_OK;

	events_wrap(json->p, json->len, &data);
	if (old->row.event > 0)
		rc = unread_rewrite(db, old->row.event, json);
	if (rc == DB_OK && old->row.edit != 0)
		rc = events_silence(db, old->row.edit);
	if (rc == DB_OK)
		rc = events_append_rewriting(
		    db, scope, kind, &data, EVENT_ENDS_NOBODY, old->row.event);
	buf_done(&data);
	return rc;
}

enum db_rc
edit_message(struct db *db, const struct room *room,
    const struct message_change *change, struct buf *json, enum problem *why)
{
	struct buf fresh = BUF_INIT;
	struct old old = { 0 };
	enum db_rc rc = read_old(db, room, change->message, &old);

	*why = PROBLEM_NONE;
	if (rc == DB_OK)
		rc = may_edit(db, room, change, &old, why);
	if (rc == DB_OK && old.row.deleted)
		rc = DB_NONE;
	if (rc == DB_OK && rooms_expired(room))
		rc = refuse(why, PROBLEM_ROOM_EXPIRED);
	if (rc == DB_OK) {
		must(json_object_set_new(old.json, "content",
			 json_string(change->content)) == 0);
		set_now(old.json, "edited_at");
		json_put(json_incref(old.json), &fresh);
		rc = tell_change(db, room, &old, EVENT_EDITED, &fresh);
	}
	if (rc == DB_OK)
		rc = messages_set_edited(
		    db, room->id, old.id, &fresh, events_last(db));
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
	json_decref(old.json);
	return rc;
}

/* Leaves only the fact that there was a message. */
static void
blank(json_t *message)
{
	must(json_object_set_new(message, "content", json_string("")) == 0);
	(void)json_object_del(message, "edited_at");
	(void)json_object_del(message, "notice");
	(void)json_object_del(message, "title");
	(void)json_object_del(message, "tags");
	set_now(message, "deleted_at");
}

static enum db_rc
erase(struct db *db, const struct room *room, struct old *old)
{
	struct buf json = BUF_INIT;
	enum db_rc rc;

	blank(old->json);
	json_put(json_incref(old->json), &json);
	rc = tell_change(db, room, old, EVENT_DELETED, &json);
	if (rc == DB_OK)
		rc = messages_set_deleted(
		    db, room->id, old->id, &json, clock_wall());
	buf_done(&json);
	if (rc != DB_OK || old->notice)
		return rc;
	return unread_deleted(db, room, old->row.chatter, old->id);
}

enum db_rc
edit_delete(struct db *db, const struct room *room,
    const struct message_change *change, enum problem *why)
{
	struct old old = { 0 };
	enum db_rc rc = read_old(db, room, change->message, &old);

	*why = PROBLEM_NONE;
	if (rc == DB_OK)
		rc = may_delete(db, room, change, &old, why);
	if (rc == DB_OK && !old.row.deleted)
		rc = erase(db, room, &old);
	json_decref(old.json);
	return rc;
}
