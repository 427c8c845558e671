#include "db/rows/messages.h"

#include "db/rows/bans.h"
#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/rows/json.h"
#include "db/rows/steady.h"
#include "db/rows/sql.h"
#include "db/rows/unread.h"

enum {
	OF_USER,
	SENT_BEFORE_AS,
	SENT_BEFORE_BY_KEY,
	SET_SPOKE,
	LAST,
	SET_LAST,
	INSERT,
	FIRST_BEFORE,
	RANGE,
	ONE,
	OLD,
	EDIT,
	DELETE,
	N_SQL
};

#define AUTHOR "id, name, nickname, role, left_at, spoke"
enum { COL_ID, COL_NAME, COL_NICKNAME, COL_ROLE, COL_LEFT, COL_SPOKE };

#define OLD_COLUMNS "chatter, key, sent, json, event, edit, deleted IS NOT NULL"
enum {
	OLD_CHATTER,
	OLD_KEY,
	OLD_SENT,
	OLD_JSON,
	OLD_EVENT,
	OLD_EDIT,
	OLD_DELETED
};

static const char *const sql[N_SQL] = {
	[OF_USER] =
	    "SELECT " AUTHOR " FROM chatter WHERE room = ? AND person = ?",
	[SENT_BEFORE_AS] = "SELECT json FROM message"
			   " WHERE chatter = ? AND client_id = ?",
	[SENT_BEFORE_BY_KEY] = "SELECT json FROM message"
			       " WHERE key = ? AND room = ? AND client_id = ?",
	[SET_SPOKE] = "UPDATE chatter SET spoke = ? WHERE id = ?",
	/* Not RETURNING, which makes a table for each. */
	[LAST] = "SELECT last_message,"
		 " EXISTS (SELECT 1 FROM unread_watcher WHERE room = ?1)"
		 " FROM room WHERE id = ?1",
	[SET_LAST] = "UPDATE room SET last_message = ?1,"
		     " said = coalesce(?2, said) WHERE id = ?3",
	[INSERT] = "INSERT INTO message (room, id, chatter, type, sent,"
		   " client_id, json, key, event)"
		   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	/* The newest that a page of ? before ? leaves out. */
	[FIRST_BEFORE] = "SELECT id FROM message WHERE room = ? AND id < ?"
			 " ORDER BY id DESC LIMIT 1 OFFSET ?",
	[RANGE] = "SELECT json FROM message"
		  " WHERE room = ? AND id > ? AND id < ? ORDER BY id LIMIT ?",
	[ONE] = "SELECT json FROM message WHERE room = ? AND id = ?",
	[OLD] = "SELECT " OLD_COLUMNS " FROM message"
		" WHERE room = ? AND id = ?",
	[EDIT] = "UPDATE message SET json = ?, edit = ?"
		 " WHERE room = ? AND id = ?",
	[DELETE] = "UPDATE message SET json = ?, deleted = ?"
		   " WHERE room = ? AND id = ?",
};
const struct sql messages_sql = { SQL_MESSAGES, sql, N_SQL };

static const char *const types[] = {
	[MESSAGE_PLAIN] = "message",
	[MESSAGE_ALERT] = "alert",
};

static enum db_rc
read_author(struct stmt *s, struct author *a)
{
	enum db_rc rc = stmt_next(s);
	const char *text;
	size_t len;

	if (rc == DB_OK) {
		a->id.n = stmt_int(s, COL_ID);
		text = stmt_text(s, COL_NAME, &len);
		must(len == CHATTER_NAME_LEN);
		memcpy(a->name.s, text, len + 1);
		text = stmt_text(s, COL_NICKNAME, &len);
		must(len < sizeof(a->nickname));
		memcpy(a->nickname, text, len + 1);
		a->role = (enum role)stmt_int(s, COL_ROLE);
		a->left = !stmt_is_null(s, COL_LEFT);
		a->spoke = stmt_int(s, COL_SPOKE);
	}
	stmt_end(s);
	return rc;
}

static void
add_author(const struct author *a, struct buf *b)
{
	buf_adds(b, "{\"id\":");
	json_add_text(b, a->name.s);
	buf_adds(b, ",\"nickname\":");
	json_add_text(b, a->nickname);
	buf_addc(b, '}');
}

/* A message about to be stored. */
struct draft {
	const struct author *author; /* NULL: the server, or a key */
	struct key_id key; /* 0: none */
	enum message_type type;
	const char *content;
	const char *client_id; /* NULL: none */
	const struct buf *notice; /* a JSON object; NULL: none */
};

static void
add_text_or_null(struct buf *b, const char *text)
{
	if (text != NULL)
		json_add_text(b, text);
	else
		buf_adds(b, "null");
}

static void
add_json(const struct room *room, int64_t id, const struct draft *d,
    int64_t sent, struct buf *b)
{
	buf_adds(b, "{\"id\":");
	buf_addi(b, id);
	buf_adds(b, ",\"type\":");
	json_add_text(b, types[d->type]);
	buf_adds(b, ",\"room\":");
	json_add_text(b, room->name.s);
	buf_adds(b, ",\"chatter\":");
	if (d->author != NULL)
		add_author(d->author, b);
	else
		buf_adds(b, "null");
	buf_adds(b, ",\"content\":");
	json_add_text(b, d->content);
	buf_adds(b, ",\"client_id\":");
	add_text_or_null(b, d->client_id);
	buf_adds(b, ",\"created_at\":\"");
	clock_add_rfc3339(b, sent);
	buf_addc(b, '"');
	if (d->notice != NULL) {
		buf_adds(b, ",\"notice\":");
		buf_add(b, d->notice->p, d->notice->len);
	}
	buf_addc(b, '}');
}

static void
wrap(const struct buf *json, struct buf *data)
{
	buf_adds(data, "{\"message\":");
	buf_add(data, json->p, json->len);
	buf_addc(data, '}');
}

static enum db_rc
append(struct db *db, struct room_id room, enum message_type type,
    const struct buf *json)
{
	enum event_kind kind =
	    type == MESSAGE_ALERT ? EVENT_ALERT : EVENT_MESSAGE;
	struct scope scope = { SCOPE_ROOM, room.n };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	wrap(json, &data);
	rc = events_append(db, scope, kind, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc;
}

/* The number of ROOM's newest message, and whether somebody awaits others. */
static enum db_rc
read_last(struct db *db, struct room_id room, int64_t *last, int *awaited)
{
	struct stmt *s = stmt_begin(db, &messages_sql, LAST, ARGS(INT(room.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		*last = stmt_int(s, 0);
		*awaited = (int)stmt_int(s, 1);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
messages_last(struct db *db, struct room_id room, struct message_id *last)
{
	int awaited;

	return read_last(db, room, &last->n, &awaited);
}

static enum db_rc
insert(struct db *db, const struct room *room, int64_t id,
    const struct draft *d, const struct buf *json)
{
	return stmt_run(db, &messages_sql, INSERT,
	    ARGS(INT(room->id.n), INT(id),
		d->author != NULL ? INT(d->author->id.n) : NULL_ARG,
		INT((int64_t)d->type), INT(steady_now(db)),
		TEXT_OR_NULL(d->client_id), BUF(json), INT_OR_NULL(d->key.n),
		INT(events_last(db))));
}

/* Numbers, encodes, stores and tells; JSON is empty before. */
static enum db_rc
store(struct db *db, const struct room *room, const struct draft *d,
    struct buf *json)
{
	struct chatter_id sender = { 0 };
	int64_t now = clock_wall(), id;
	int awaited;
	enum db_rc rc;

	rc = read_last(db, room->id, &id, &awaited);
	if (rc != DB_OK)
		return rc;
	id++;
	rc = stmt_run(db, &messages_sql, SET_LAST,
	    ARGS(INT(id), d->notice != NULL ? NULL_ARG : INT(id),
		INT(room->id.n)));
	if (rc != DB_OK)
		return rc;
	add_json(room, id, d, now, json);
	rc = append(db, room->id, d->type, json);
	if (rc == DB_OK)
		rc = insert(db, room, id, d, json);
	if (rc != DB_OK || !awaited || d->notice != NULL)
		return rc;
	if (d->author != NULL)
		sender = d->author->id;
	return unread_said(db, room, sender, json);
}

static void
add_column(struct stmt *s, struct buf *b)
{
	size_t len;
	const char *json = stmt_text(s, 0, &len);

	buf_add(b, json, len);
}

static enum db_rc
add_one(struct stmt *s, struct buf *b)
{
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		add_column(s, b);
	stmt_end(s);
	return rc;
}

/* DB_NONE: that client_id has not been sent before. */
static enum db_rc
find_sent(struct db *db, const struct room *room, const struct draft *d,
    struct buf *json)
{
	if (d->client_id == NULL)
		return DB_NONE;
	if (d->author == NULL)
		return add_one(stmt_begin(db, &messages_sql, SENT_BEFORE_BY_KEY,
				   ARGS(INT(d->key.n), INT(room->id.n),
				       TEXT(d->client_id))),
		    json);
	return add_one(stmt_begin(db, &messages_sql, SENT_BEFORE_AS,
			   ARGS(INT(d->author->id.n), TEXT(d->client_id))),
	    json);
}

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

/* USER's seat in ROOM, where USER must be. */
static enum db_rc
find_author(struct db *db, const struct room *room, struct user_id user,
    struct author *author, enum problem *why)
{
	enum db_rc rc = read_author(stmt_begin(db, &messages_sql, OF_USER,
					ARGS(INT(room->id.n), INT(user.n))),
	    author);

	if (rc == DB_NONE || (rc == DB_OK && author->left))
		return bans_refuse(db, room->id, user, why);
	return rc;
}

/* DB_OK: what has not been sent before may be sent now. */
static enum db_rc
may_send(struct db *db, const struct room *room, const struct draft *d,
    int64_t *wait, enum problem *why)
{
	int member = d->author != NULL && d->author->role == ROLE_MEMBER;
	int64_t now = steady_now(db);

	if (member && d->type == MESSAGE_ALERT)
		return refuse(why, PROBLEM_ALERTER_ONLY);
	if (room_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	/* The machine may have come up with a clock of before. */
	if (!member || d->author->spoke > now)
		return DB_OK;
	*wait = d->author->spoke + room->slow - now;
	return *wait > 0 ? refuse(why, PROBLEM_SLOW_MODE) : DB_OK;
}

enum db_rc
messages_send(struct db *db, const struct room *room,
    const struct message_draft *m, struct buf *json, struct sent_result *result,
    enum problem *why)
{
	struct draft d = { .key = m->key,
		.type = m->type,
		.content = m->content,
		.client_id = m->client_id };
	struct buf fresh = BUF_INIT;
	struct author author = { 0 };
	enum db_rc rc = DB_OK;

	*why = PROBLEM_NONE;
	*result = (struct sent_result){ SENT_BEFORE, 0 };
	if (m->key.n == 0) {
		rc = find_author(db, room, m->user, &author, why);
		d.author = &author;
	}
	if (rc == DB_OK)
		rc = find_sent(db, room, &d, json);
	if (rc == DB_NONE)
		rc = may_send(db, room, &d, &result->wait, why);
	else
		return rc;
	if (rc == DB_OK && m->bucket != NULL)
		rc = rate_limit_take(db, m->bucket, &result->wait, why);
	if (rc != DB_OK)
		return rc;
	result->sent = SENT_NEW;
	rc = store(db, room, &d, &fresh);
	if (rc == DB_OK && room->slow > 0 && d.author != NULL)
		rc = stmt_run(db, &messages_sql, SET_SPOKE,
		    ARGS(INT(steady_now(db)), INT(author.id.n)));
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
	return rc;
}

/* A message that is there already. */
struct old {
	int64_t id;
	int64_t age; /* ms since it was sent */
	int64_t chatter, key; /* who sent it; 0: neither, a notice */
	int64_t event, edit; /* seqs of what told it and its last edit */
	int notice, deleted;
	json_t *json;
};

static enum db_rc
read_old(struct db *db, const struct room *room, int64_t id, struct old *old)
{
	struct stmt *s =
	    stmt_begin(db, &messages_sql, OLD, ARGS(INT(room->id.n), INT(id)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		old->id = id;
		old->chatter = stmt_int(s, OLD_CHATTER);
		old->key = stmt_int(s, OLD_KEY);
		old->notice = old->chatter == 0 && old->key == 0;
		old->age = steady_now(db) - stmt_int(s, OLD_SENT);
		old->event = stmt_int(s, OLD_EVENT);
		old->edit = stmt_int(s, OLD_EDIT);
		old->deleted = (int)stmt_int(s, OLD_DELETED);
		old->json = json_loads(stmt_text(s, OLD_JSON, NULL), 0, NULL);
		must(old->json != NULL);
	}
	stmt_end(s);
	return rc;
}

/* What a message is to the one who asks to change it. */
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
	enum db_rc rc = find_author(db, room, change->user, &author, why);

	if (rc == DB_CONFLICT && seatless) {
		*why = PROBLEM_NONE;
		rc = DB_OK;
	}
	s->role = author.role;
	s->own = author.id.n != 0 && author.id.n == old->chatter;
	if (change->key.n != 0 && change->key.n == old->key)
		s->own = 1;
	return rc;
}

/* Moderators are not held to the time in which members may change theirs. */
static enum db_rc
check_time(const struct message_change *change, const struct old *old,
    const struct standing *s, enum problem *why)
{
	return s->role == ROLE_MEMBER && old->age > change->within ?
	    refuse(why, PROBLEM_TOO_LATE) :
	    DB_OK;
}

/* Nobody puts words into the mouth of another, whatever their role. */
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

/*
 * What told of OLD tells JSON from now on, an earlier edit nothing, and
 * another event of KIND says so.
 */
static enum db_rc
tell_change(struct db *db, const struct room *room, const struct old *old,
    enum event_kind kind, const struct buf *json)
{
	struct scope scope = { SCOPE_ROOM, room->id.n };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	wrap(json, &data);
	rc = events_rewrite(db, old->event, &data);
	if (rc == DB_OK && old->event != 0)
		rc = unread_rewrite(db, old->event, json);
	if (rc == DB_OK && old->edit != 0)
		rc = events_silence(db, old->edit);
	if (rc == DB_OK)
		rc = events_append_rewriting(
		    db, scope, kind, &data, EVENT_ENDS_NOBODY, old->event);
	buf_done(&data);
	db_scrub_after_commit(db);
	return rc;
}

enum db_rc
messages_edit(struct db *db, const struct room *room,
    const struct message_change *change, struct buf *json, enum problem *why)
{
	struct buf fresh = BUF_INIT;
	struct old old = { 0 };
	enum db_rc rc = read_old(db, room, change->message.n, &old);

	*why = PROBLEM_NONE;
	if (rc == DB_OK)
		rc = may_edit(db, room, change, &old, why);
	if (rc == DB_OK && old.deleted)
		rc = DB_NONE;
	if (rc == DB_OK && room_expired(room))
		rc = refuse(why, PROBLEM_ROOM_EXPIRED);
	if (rc == DB_OK) {
		must(json_object_set_new(old.json, "content",
			 json_string(change->content)) == 0);
		set_now(old.json, "edited_at");
		json_put(json_incref(old.json), &fresh);
		rc = tell_change(db, room, &old, EVENT_EDITED, &fresh);
	}
	if (rc == DB_OK)
		rc = stmt_run(db, &messages_sql, EDIT,
		    ARGS(BUF(&fresh), INT(events_last(db)), INT(room->id.n),
			INT(old.id)));
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
	json_decref(old.json);
	return rc;
}

/* Leaves of a message that there was one. */
static void
bury(json_t *message)
{
	must(json_object_set_new(message, "content", json_string("")) == 0);
	(void)json_object_del(message, "edited_at");
	(void)json_object_del(message, "notice");
	set_now(message, "deleted_at");
}

static enum db_rc
erase(struct db *db, const struct room *room, struct old *old)
{
	struct buf json = BUF_INIT;
	enum db_rc rc;

	bury(old->json);
	json_put(json_incref(old->json), &json);
	rc = tell_change(db, room, old, EVENT_DELETED, &json);
	if (rc == DB_OK)
		rc = stmt_run(db, &messages_sql, DELETE,
		    ARGS(BUF(&json), INT(clock_wall()), INT(room->id.n),
			INT(old->id)));
	buf_done(&json);
	if (rc != DB_OK || old->notice)
		return rc;
	return unread_deleted(db, room, (struct chatter_id){ old->chatter },
	    (struct message_id){ old->id });
}

enum db_rc
messages_delete(struct db *db, const struct room *room,
    const struct message_change *change, enum problem *why)
{
	struct old old = { 0 };
	enum db_rc rc = read_old(db, room, change->message.n, &old);

	*why = PROBLEM_NONE;
	if (rc == DB_OK)
		rc = may_delete(db, room, change, &old, why);
	if (rc == DB_OK && !old.deleted)
		rc = erase(db, room, &old);
	json_decref(old.json);
	return rc;
}

enum db_rc
messages_notice(struct db *db, const struct room *room, const char *content,
    const struct buf *notice)
{
	struct draft d = {
		.type = MESSAGE_ALERT, .content = content, .notice = notice
	};
	struct buf json = BUF_INIT;
	enum db_rc rc = store(db, room, &d, &json);

	buf_done(&json);
	return rc;
}

/* At most LIMIT of those between AFTER and BEFORE, both left out. */
static enum db_rc
add_range(struct db *db, struct room_id room, const int64_t between[2],
    int limit, struct buf *b, int *more)
{
	struct stmt *s = stmt_begin(db, &messages_sql, RANGE,
	    ARGS(
		INT(room.n), INT(between[0]), INT(between[1]), INT(limit + 1)));

	return stmt_list(s, limit, add_column, b, more);
}

enum db_rc
messages_add_page(struct db *db, struct room_id room, const struct page *page,
    struct buf *b, int *more)
{
	int64_t between[2] = { 0, INT64_MAX };
	int before = 0, after;
	enum db_rc rc;

	must(page->limit > 0);
	if (page->from == PAGE_AFTER)
		between[0] = page->message.n;
	else if (page->from == PAGE_BEFORE)
		between[1] = page->message.n;
	if (page->from != PAGE_AFTER) {
		rc = stmt_one(db, &messages_sql, FIRST_BEFORE,
		    ARGS(INT(room.n), INT(between[1]), INT(page->limit)),
		    &between[0]);
		if (rc != DB_OK && rc != DB_NONE)
			return rc;
		before = rc == DB_OK;
	}
	rc = add_range(db, room, between, page->limit, b, &after);
	*more = page->from == PAGE_AFTER ? after : before;
	return rc;
}

enum db_rc
messages_add_json(
    struct db *db, struct room_id room, struct message_id id, struct buf *b)
{
	return add_one(
	    stmt_begin(db, &messages_sql, ONE, ARGS(INT(room.n), INT(id.n))),
	    b);
}
