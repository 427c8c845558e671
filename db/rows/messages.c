#include "db/rows/messages.h"

#include "db/base/limits.h"
#include "db/base/must.h"
#include "db/rows/seq.h"
#include "db/rows/sql.h"

enum {
	SENT_BY,
	SENT_BY_KEY,
	LAST,
	AT,
	INSERT,
	BEFORE,
	AFTER,
	ONE,
	GET,
	SET_EDITED,
	SET_DELETED,
	DROP_SOME,
	N_SQL
};

#define GET_COLUMNS "chatter, key, sent, json, event, edit, deleted IS NOT NULL"
enum {
	COL_CHATTER,
	COL_KEY,
	COL_SENT,
	COL_JSON,
	COL_EVENT,
	COL_EDIT,
	COL_DELETED
};

static const char *const sql[N_SQL] = {
	[SENT_BY] = "SELECT json FROM message"
		    " WHERE chatter = ? AND client_id = ?",
	[SENT_BY_KEY] = "SELECT json FROM message"
			" WHERE key = ? AND room = ? AND client_id = ?",
	/* Not RETURNING, which makes a table for each. */
	[LAST] = "SELECT"
		 " coalesce((SELECT max(id) FROM message WHERE room = ?1), 0),"
		 " EXISTS (SELECT 1 FROM unread_watcher WHERE room = ?1)",
	[AT] = "SELECT id, event FROM message WHERE room = ? AND id <= ?"
	       " ORDER BY id DESC LIMIT 1",
	[INSERT] = "INSERT INTO message (event, room, id, chatter, key, type,"
		   " sent, client_id, json)"
		   " VALUES (" SEQ_NEWEST " + 1, ?, ?, ?, ?, ?, ?, ?, ?)"
		   " RETURNING event",
	[BEFORE] = "SELECT json FROM message"
		   " WHERE room = ? AND id < ? ORDER BY id DESC LIMIT ?",
	[AFTER] = "SELECT json FROM message"
		  " WHERE room = ? AND id > ? ORDER BY id LIMIT ?",
	[ONE] = "SELECT json FROM message WHERE room = ? AND id = ?",
	[GET] = "SELECT " GET_COLUMNS " FROM message"
		" WHERE room = ? AND id = ?",
	[SET_EDITED] = "UPDATE message SET json = ?, edit = ?"
		       " WHERE room = ? AND id = ?",
	[SET_DELETED] = "UPDATE message SET json = ?, deleted = ?"
			" WHERE room = ? AND id = ?",
	[DROP_SOME] =
	    "DELETE FROM message WHERE room = ?1 AND id IN"
	    " (SELECT id FROM message WHERE room = ?1 ORDER BY id LIMIT ?2)",
};
const struct sql messages_sql = { SQL_MESSAGES, sql, N_SQL };

/* No key has this id, and the message is no notice, whose key is NULL. */
const struct key_id messages_stranger = { -1 };

enum db_rc
messages_insert(struct db *db, const struct message_row *m)
{
	enum db_rc rc;

	/* A line break would end the frame that carries it. */
	must(memchr(m->json->p, '\n', m->json->len) == NULL);
	rc = stmt_insert(db, &messages_sql, INSERT,
	    ARGS(INT(m->room.n), INT(m->id.n), INT_OR_NULL(m->chatter.n),
		INT_OR_NULL(m->key.n), INT((int64_t)m->type), INT(m->sent),
		TEXT_OR_NULL(m->client_id), BUF(m->json)),
	    db_kept(db, KEPT_LAST_SEQ));
	if (rc == DB_OK)
		db_ring_after_commit(db);
	return rc;
}

enum db_rc
messages_last_and_watched(
    struct db *db, struct room_id room, struct message_id *last, int *watched)
{
	struct stmt *s = stmt_begin(db, &messages_sql, LAST, ARGS(INT(room.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		last->n = stmt_int(s, 0);
		*watched = (int)stmt_int(s, 1);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
messages_last(struct db *db, struct room_id room, struct message_id *last)
{
	int watched;

	return messages_last_and_watched(db, room, last, &watched);
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

enum db_rc
messages_sent_by(struct db *db, struct chatter_id chatter,
    const char *client_id, struct buf *json)
{
	return add_one(stmt_begin(db, &messages_sql, SENT_BY,
			   ARGS(INT(chatter.n), TEXT(client_id))),
	    json);
}

enum db_rc
messages_sent_by_key(struct db *db, struct key_id key, struct room_id room,
    const char *client_id, struct buf *json)
{
	return add_one(stmt_begin(db, &messages_sql, SENT_BY_KEY,
			   ARGS(INT(key.n), INT(room.n), TEXT(client_id))),
	    json);
}

enum db_rc
messages_get(struct db *db, struct room_id room, struct message_id id,
    struct stored_message *m, struct buf *json)
{
	struct stmt *s =
	    stmt_begin(db, &messages_sql, GET, ARGS(INT(room.n), INT(id.n)));
	enum db_rc rc = stmt_next(s);
	const char *text;
	size_t len;

	if (rc == DB_OK) {
		m->chatter.n = stmt_int(s, COL_CHATTER);
		m->key.n = stmt_int(s, COL_KEY);
		m->sent = stmt_int(s, COL_SENT);
		m->event = stmt_int(s, COL_EVENT);
		m->edit = stmt_int(s, COL_EDIT);
		m->deleted = (int)stmt_int(s, COL_DELETED);
		text = stmt_text(s, COL_JSON, &len);
		buf_add(json, text, len);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
messages_set_edited(struct db *db, struct room_id room, struct message_id id,
    const struct buf *json, int64_t event)
{
	db_scrub_after_commit(db);
	return stmt_run(db, &messages_sql, SET_EDITED,
	    ARGS(BUF(json), INT(event), INT(room.n), INT(id.n)));
}

enum db_rc
messages_set_deleted(struct db *db, struct room_id room, struct message_id id,
    const struct buf *json, int64_t deleted)
{
	db_scrub_after_commit(db);
	return stmt_run(db, &messages_sql, SET_DELETED,
	    ARGS(BUF(json), INT(deleted), INT(room.n), INT(id.n)));
}

enum db_rc
messages_drop_some(
    struct db *db, struct room_id room, int limit, int64_t *dropped)
{
	enum db_rc rc = stmt_run(
	    db, &messages_sql, DROP_SOME, ARGS(INT(room.n), INT(limit)));

	*dropped = rc == DB_OK ? stmt_changes(db) : 0;
	return rc;
}

/* Read from the newest on, because the oldest are left out if not all fit. */
static enum db_rc
add_before(struct db *db, struct room_id room, int64_t before, int limit,
    struct buf *b, int *more)
{
	struct stmt *s = stmt_begin(db, &messages_sql, BEFORE,
	    ARGS(INT(room.n), INT(before), INT(limit + 1)));
	size_t end[MESSAGES_LIMIT_MAX + 1] = { 0 }, len, n = 0;
	struct buf rows = BUF_INIT;
	enum db_rc rc;

	while ((rc = stmt_next(s)) == DB_OK) {
		const char *json = stmt_text(s, 0, &len);

		*more = n == (size_t)limit ||
		    (n > 0 && b->len + rows.len + n + len > LIST_BYTES_MAX);
		if (*more)
			break;
		buf_add(&rows, json, len);
		end[++n] = rows.len;
	}
	stmt_end(s);
	for (; n > 0; n--) {
		buf_add(b, rows.p + end[n - 1], end[n] - end[n - 1]);
		if (n > 1)
			buf_addc(b, ',');
	}
	buf_done(&rows);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
messages_add_page(struct db *db, struct room_id room, const struct page *page,
    struct buf *b, int *more)
{
	must(page->limit > 0 && page->limit <= MESSAGES_LIMIT_MAX);
	*more = 0;
	switch (page->from) {
	case PAGE_NEWEST:
		return add_before(db, room, INT64_MAX, page->limit, b, more);
	case PAGE_BEFORE:
		return add_before(
		    db, room, page->message.n, page->limit, b, more);
	case PAGE_AFTER:
		break;
	}
	return stmt_list(
	    stmt_begin(db, &messages_sql, AFTER,
		ARGS(INT(room.n), INT(page->message.n), INT(page->limit + 1))),
	    page->limit, add_column, b, more);
}

enum db_rc
messages_add_json(
    struct db *db, struct room_id room, struct message_id id, struct buf *b)
{
	return add_one(
	    stmt_begin(db, &messages_sql, ONE, ARGS(INT(room.n), INT(id.n))),
	    b);
}

/* A message and its event. */
struct place {
	int64_t id, event;
};

/* The newest message of the room up to ID; zeros: there is none. */
static enum db_rc
look(struct db *db, struct room_id room, int64_t id, struct place *found)
{
	struct stmt *s =
	    stmt_begin(db, &messages_sql, AT, ARGS(INT(room.n), INT(id)));
	enum db_rc rc = stmt_next(s);

	*found = (struct place){ 0, 0 };
	if (rc == DB_OK) {
		found->id = stmt_int(s, 0);
		found->event = stmt_int(s, 1);
	}
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * Steps back from the newest message, twice as far each time, because most
 * callers ask for one of the newest.  Then halves the last step.
 */
enum db_rc
messages_at(
    struct db *db, struct room_id room, int64_t seq, struct message_id *id)
{
	struct place at;
	int64_t below, above, step = 1;
	enum db_rc rc = look(db, room, INT64_MAX, &at);

	for (above = at.id + 1; rc == DB_OK && at.id > 0 && at.event > seq;
	     step *= 2) {
		above = at.id;
		rc = look(db, room, above - step, &at);
	}
	id->n = below = at.id;
	while (rc == DB_OK && above - below > 1) {
		int64_t half = below + (above - below) / 2;

		rc = look(db, room, half, &at);
		if (at.id > 0 && at.event > seq) {
			above = at.id;
		} else {
			below = half;
			id->n = at.id;
		}
	}
	return rc;
}
