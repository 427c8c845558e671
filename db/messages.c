#include "db/messages.h"

#include "db/bans.h"
#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/events.h"
#include "db/json.h"
#include "db/stmt.h"

enum {
	OF_USER,
	SENT_BEFORE_AS,
	LAST,
	SET_LAST,
	INSERT,
	FIRST_BEFORE,
	RANGE,
	ONE,
	N_SQL
};

#define AUTHOR "id, name, nickname, role, left_at"
enum { COL_ID, COL_NAME, COL_NICKNAME, COL_ROLE, COL_LEFT };

static const char *const sql[N_SQL] = {
	[OF_USER] =
	    "SELECT " AUTHOR " FROM chatter WHERE room = ? AND user = ?",
	[SENT_BEFORE_AS] = "SELECT json FROM message"
			   " WHERE chatter = ? AND client_id = ?",
	/* Not RETURNING, which makes a table for each. */
	[LAST] = "SELECT last_message FROM room WHERE id = ?",
	[SET_LAST] = "UPDATE room SET last_message = ? WHERE id = ?",
	[INSERT] = "INSERT INTO message"
		   " (room, id, chatter, type, sent, client_id, json)"
		   " VALUES (?, ?, ?, ?, ?, ?, ?)",
	/* The newest that a page of ? before ? leaves out. */
	[FIRST_BEFORE] = "SELECT id FROM message WHERE room = ? AND id < ?"
			 " ORDER BY id DESC LIMIT 1 OFFSET ?",
	[RANGE] = "SELECT json FROM message"
		  " WHERE room = ? AND id > ? AND id < ? ORDER BY id LIMIT ?",
	[ONE] = "SELECT json FROM message WHERE room = ? AND id = ?",
};
const struct sql messages_sql = { SQL_MESSAGES, sql, N_SQL };

static const char *const types[] = {
	[MESSAGE_PLAIN] = "message",
	[MESSAGE_ALERT] = "alert",
};

struct author {
	struct chatter_id id;
	struct chatter_name name;
	char nickname[NICKNAME_STORED_BYTES + 1];
	enum role role;
	int left;
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
	const struct author *author; /* NULL: the server */
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

static enum db_rc
append(struct db *db, struct room_id room, enum message_type type,
    const struct buf *json)
{
	enum event_kind kind =
	    type == MESSAGE_ALERT ? EVENT_ALERT : EVENT_MESSAGE;
	struct scope scope = { SCOPE_ROOM, room.n };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_adds(&data, "{\"message\":");
	buf_add(&data, json->p, json->len);
	buf_addc(&data, '}');
	rc = events_append(db, scope, kind, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc;
}

/* Numbers, encodes, stores and tells; JSON is empty before. */
static enum db_rc
store(struct db *db, const struct room *room, const struct draft *d,
    struct buf *json)
{
	int64_t now = clock_wall(), id;
	enum db_rc rc;

	rc = stmt_one(db, &messages_sql, LAST, ARGS(INT(room->id.n)), &id);
	if (rc == DB_OK)
		rc = stmt_run(db, &messages_sql, SET_LAST,
		    ARGS(INT(++id), INT(room->id.n)));
	if (rc != DB_OK)
		return rc;
	add_json(room, id, d, now, json);
	rc = stmt_run(db, &messages_sql, INSERT,
	    ARGS(INT(room->id.n), INT(id),
		d->author != NULL ? INT(d->author->id.n) : NULL_ARG,
		INT((int64_t)d->type), INT(now), TEXT_OR_NULL(d->client_id),
		BUF(json)));
	if (rc == DB_OK)
		rc = append(db, room->id, d->type, json);
	return rc;
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
find_sent(struct db *db, const struct author *author, const char *client_id,
    struct buf *json)
{
	if (client_id == NULL)
		return DB_NONE;
	return add_one(stmt_begin(db, &messages_sql, SENT_BEFORE_AS,
			   ARGS(INT(author->id.n), TEXT(client_id))),
	    json);
}

enum db_rc
messages_send(struct db *db, const struct room *room,
    const struct message_draft *m, struct buf *json, enum sent *sent,
    enum problem *why)
{
	struct author author;
	struct draft d = { &author, m->type, m->content, m->client_id, NULL };
	struct buf fresh = BUF_INIT;
	enum db_rc rc;

	*why = PROBLEM_NONE;
	*sent = SENT_BEFORE;
	rc = read_author(stmt_begin(db, &messages_sql, OF_USER,
			     ARGS(INT(room->id.n), INT(m->user.n))),
	    &author);
	if (rc == DB_NONE || (rc == DB_OK && author.left))
		return bans_refuse(db, room->id, m->user, why);
	if (rc == DB_OK)
		rc = find_sent(db, &author, m->client_id, json);
	if (rc != DB_NONE)
		return rc;
	if (room_expired(room))
		*why = PROBLEM_ROOM_EXPIRED;
	else if (m->type == MESSAGE_ALERT && author.role == ROLE_MEMBER)
		*why = PROBLEM_FORBIDDEN;
	if (*why != PROBLEM_NONE)
		return DB_CONFLICT;
	*sent = SENT_NEW;
	rc = store(db, room, &d, &fresh);
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
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
