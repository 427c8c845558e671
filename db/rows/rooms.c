#include "db/rows/rooms.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/rows/json.h"
#include "db/rows/said.h"
#include "db/rows/seq.h"
#include "db/rows/sql.h"

enum {
	FIND,
	GET,
	MAKE,
	CHANGE,
	JSON,
	LIST,
	PASSWORD,
	TAKE_SEAT,
	GIVE_SEATS,
	ONLINE,
	NOTE_SAID,
	MARK_ERASED,
	EXPIRED,
	CLOSE,
	REOPENABLE,
	REOPEN,
	PURGEABLE,
	SET_TOMBSTONE,
	TOMBSTONE,
	SET_BLANK,
	DROP,
	N_SQL
};

#define COLUMNS                                                     \
	"id, name, owner, capacity, online, grace, expires, slow, " \
	"notices, post, password IS NOT NULL, closed"
enum {
	COL_ID,
	COL_NAME,
	COL_OWNER,
	COL_CAPACITY,
	COL_ONLINE,
	COL_GRACE,
	COL_EXPIRES,
	COL_SLOW,
	COL_NOTICES,
	COL_POST,
	COL_HAS_PASSWORD,
	COL_CLOSED
};

#define JSON_COLUMNS                                                \
	"name, namespace, title, capacity, online, made, expires, " \
	"listed, grace, slow, notices, post, password IS NOT NULL"
enum {
	JSON_NAME,
	JSON_NAMESPACE,
	JSON_TITLE,
	JSON_CAPACITY,
	JSON_ONLINE,
	JSON_MADE,
	JSON_EXPIRES,
	JSON_LISTED,
	JSON_GRACE,
	JSON_SLOW,
	JSON_NOTICES,
	JSON_POST,
	JSON_HAS_PASSWORD
};

static const char *const sql[N_SQL] = {
	[FIND] = "SELECT " COLUMNS " FROM room"
		 " WHERE name = ? AND gone IS NULL",
	[GET] = "SELECT " COLUMNS " FROM room"
		" WHERE id = ? AND gone IS NULL",
	[MAKE] = "INSERT INTO room (name, namespace, title, capacity, grace,"
		 " expires, listed, slow, notices, post, password, owner, made)"
		 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?)"
		 " RETURNING id",
	/* An argument that is NULL leaves its column as it is. */
	[CHANGE] = "UPDATE room SET title = coalesce(?2, title),"
		   " capacity = coalesce(?3, capacity),"
		   " grace = coalesce(?4, grace),"
		   " expires = nullif(coalesce(?5, expires), 0),"
		   " listed = coalesce(?6, listed),"
		   " slow = coalesce(?7, slow),"
		   " notices = coalesce(?8, notices),"
		   " post = coalesce(?10, post),"
		   " password = nullif(coalesce(?9, password), ''),"
		   " closed = CASE WHEN ?5 IS NULL THEN closed ELSE 0 END"
		   " WHERE id = ?1",
	[JSON] = "SELECT " JSON_COLUMNS " FROM room"
		 " WHERE id = ? AND gone IS NULL",
	[LIST] = "SELECT " JSON_COLUMNS " FROM room"
		 " WHERE namespace = ? AND listed = 1 AND id > ?"
		 " AND (expires IS NULL OR expires > ?)"
		 " ORDER BY id LIMIT ?",
	[PASSWORD] = "SELECT password FROM room WHERE id = ?",
	/*
	 * One statement checks and changes the count, so no race exceeds the
	 * capacity.
	 */
	[TAKE_SEAT] = "UPDATE room SET online = online + 1 WHERE id = ?"
		      " AND (online < capacity OR owner = ?)",
	[GIVE_SEATS] = "UPDATE room SET online = online - ? WHERE id = ?",
	[ONLINE] = "SELECT online FROM room WHERE id = ?",
	[NOTE_SAID] = "UPDATE room SET said_before_notice = " SAID_IN(
	    "?1") " WHERE id = ?1 AND said_before_notice <> " SAID_IN("?1"),
	[MARK_ERASED] = "UPDATE room SET erased ="
			" " SEQ_NEWEST " WHERE id = ?",
	[EXPIRED] = "SELECT " COLUMNS " FROM room"
		    " WHERE expires <= ? AND closed = 0"
		    " ORDER BY expires LIMIT 1",
	[CLOSE] = "UPDATE room SET closed = 1, closed_at = ?2 WHERE id = ?1",
	[REOPENABLE] = "SELECT 1 FROM room WHERE closed = 1 AND expires > ?"
		       " LIMIT 1",
	[REOPEN] = "UPDATE room SET closed = 0"
		   " WHERE closed = 1 AND expires > ?",
	[PURGEABLE] = "SELECT " COLUMNS " FROM room"
		      " WHERE closed = 1 AND closed_at < ?"
		      " AND expires IS NOT NULL"
		      " ORDER BY closed_at LIMIT 1",
	[SET_TOMBSTONE] =
	    "UPDATE room SET gone = ?2, name = ?3, namespace = ?3,"
	    " title = ?3, online = 0, listed = 0, expires = NULL,"
	    " password = NULL WHERE id = ?1",
	/* A tombstone whose removal has begun comes first. */
	[TOMBSTONE] = "SELECT id, gone FROM room WHERE gone >= 0"
		      " ORDER BY gone LIMIT 1",
	[SET_BLANK] = "UPDATE room SET gone = ?2 WHERE id = ?1",
	[DROP] = "DELETE FROM room WHERE id = ?",
};
const struct sql rooms_sql = { SQL_ROOMS, sql, N_SQL };

static const char *const notices_words[] = {
	[NOTICES_ALL] = "all",
	[NOTICES_QUIET] = "quiet",
	[NOTICES_OFF] = "off",
};

int
rooms_read_notices(const char *text, enum notices *notices)
{
	for (int i = NOTICES_ALL; i <= NOTICES_OFF; i++)
		if (strcmp(text, notices_words[i]) == 0) {
			*notices = (enum notices)i;
			return 0;
		}
	return -1;
}

static const char *const posting_words[] = {
	[POST_MEMBERS] = "members",
	[POST_ANYONE] = "anyone",
};

int
rooms_read_posting(const char *text, enum posting *post)
{
	for (int i = POST_MEMBERS; i <= POST_ANYONE; i++)
		if (strcmp(text, posting_words[i]) == 0) {
			*post = (enum posting)i;
			return 0;
		}
	return -1;
}

static void
read_room(struct stmt *s, struct room *room)
{
	const char *name;
	size_t len;

	name = stmt_text(s, COL_NAME, &len);
	must(len <= ROOM_NAME_MAX);
	memcpy(room->name.s, name, len + 1);
	room->id.n = stmt_int(s, COL_ID);
	room->owner.n = stmt_int(s, COL_OWNER);
	room->capacity = stmt_int(s, COL_CAPACITY);
	room->online = stmt_int(s, COL_ONLINE);
	room->grace = stmt_int(s, COL_GRACE);
	room->expires = stmt_int(s, COL_EXPIRES);
	room->slow = stmt_int(s, COL_SLOW);
	room->notices = (enum notices)stmt_int(s, COL_NOTICES);
	room->post = (enum posting)stmt_int(s, COL_POST);
	room->has_password = (int)stmt_int(s, COL_HAS_PASSWORD);
	room->closed = (int)stmt_int(s, COL_CLOSED);
}

static enum db_rc
read_one(struct stmt *s, struct room *room)
{
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		read_room(s, room);
	stmt_end(s);
	return rc;
}

enum db_rc
rooms_find(struct db *db, const char *name, struct room *room)
{
	return read_one(
	    stmt_begin(db, &rooms_sql, FIND, ARGS(TEXT(name))), room);
}

void
rooms_ask(struct db *db, const char *name)
{
	stmt_ask(db, &rooms_sql, FIND, ARGS(TEXT(name)));
}

enum db_rc
rooms_get(struct db *db, struct room_id id, struct room *room)
{
	return read_one(stmt_begin(db, &rooms_sql, GET, ARGS(INT(id.n))), room);
}

int
rooms_is_past(int64_t expires)
{
	return expires != 0 && expires <= clock_wall();
}

int
rooms_expired(const struct room *room)
{
	return rooms_is_past(room->expires);
}

enum db_rc
rooms_add_password(struct db *db, struct room_id id, struct buf *b)
{
	struct stmt *s = stmt_begin(db, &rooms_sql, PASSWORD, ARGS(INT(id.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		buf_adds(b, stmt_text(s, 0, NULL));
	stmt_end(s);
	return rc;
}

static struct arg
unless_as_it_is(int64_t value)
{
	return value >= 0 ? INT(value) : NULL_ARG;
}

enum db_rc
rooms_make(struct db *db, const struct room_draft *draft, struct room *room)
{
	const char *title = draft->title;
	struct room_id id;
	enum db_rc rc;

	rc = stmt_insert(db, &rooms_sql, MAKE,
	    ARGS(TEXT(draft->name.s), TEXT(draft->namespace),
		TEXT(title != NULL ? title : draft->name.s),
		INT(draft->capacity), INT(draft->grace),
		draft->expires > 0 ? INT(draft->expires) : NULL_ARG,
		INT(draft->listed != ROOM_UNLISTED), INT(draft->slow),
		INT(draft->notices), INT(draft->post),
		TEXT(draft->password != NULL ? draft->password : ""),
		INT(draft->owner.n), INT(clock_wall())),
	    &id.n);
	return rc == DB_OK ? rooms_get(db, id, room) : rc;
}

enum db_rc
rooms_update(struct db *db, struct room_id id, const struct room_draft *draft)
{
	return stmt_run(db, &rooms_sql, CHANGE,
	    ARGS(INT(id.n), TEXT_OR_NULL(draft->title),
		unless_as_it_is(draft->capacity), unless_as_it_is(draft->grace),
		unless_as_it_is(draft->expires), unless_as_it_is(draft->listed),
		unless_as_it_is(draft->slow), unless_as_it_is(draft->notices),
		TEXT_OR_NULL(draft->password), unless_as_it_is(draft->post)));
}

enum db_rc
rooms_first_expired(struct db *db, int64_t now, struct room *room)
{
	return read_one(
	    stmt_begin(db, &rooms_sql, EXPIRED, ARGS(INT(now))), room);
}

enum db_rc
rooms_set_closed(struct db *db, struct room_id id, int64_t at)
{
	return stmt_run(db, &rooms_sql, CLOSE, ARGS(INT(id.n), INT(at)));
}

enum db_rc
rooms_reopenable(struct db *db, int64_t now)
{
	int64_t one;

	return stmt_one(db, &rooms_sql, REOPENABLE, ARGS(INT(now)), &one);
}

enum db_rc
rooms_reopen(struct db *db, int64_t now, int64_t *opened)
{
	enum db_rc rc = stmt_run(db, &rooms_sql, REOPEN, ARGS(INT(now)));

	*opened = rc == DB_OK ? stmt_changes(db) : 0;
	return rc;
}

enum db_rc
rooms_first_purgeable(struct db *db, int64_t before, struct room *room)
{
	return read_one(
	    stmt_begin(db, &rooms_sql, PURGEABLE, ARGS(INT(before))), room);
}

enum db_rc
rooms_set_tombstone(struct db *db, struct room_id id, int64_t told,
    const struct room_name *name)
{
	return stmt_run(db, &rooms_sql, SET_TOMBSTONE,
	    ARGS(INT(id.n), INT(told), TEXT(name->s)));
}

enum db_rc
rooms_first_tombstone(struct db *db, struct tombstone *t)
{
	struct stmt *s = stmt_begin(db, &rooms_sql, TOMBSTONE, NO_ARGS);
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		t->id.n = stmt_int(s, 0);
		t->blank = stmt_int(s, 1);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
rooms_set_blank(struct db *db, struct room_id id, int64_t blank)
{
	return stmt_run(db, &rooms_sql, SET_BLANK, ARGS(INT(id.n), INT(blank)));
}

enum db_rc
rooms_drop(struct db *db, struct room_id id)
{
	db_scrub_after_commit(db);
	return stmt_run(db, &rooms_sql, DROP, ARGS(INT(id.n)));
}

enum db_rc
rooms_take_seat(struct db *db, struct room_id id, struct user_id user)
{
	enum db_rc rc =
	    stmt_run(db, &rooms_sql, TAKE_SEAT, ARGS(INT(id.n), INT(user.n)));

	return rc == DB_OK && stmt_changes(db) == 0 ? DB_CONFLICT : rc;
}

enum db_rc
rooms_give_seats(struct db *db, struct room_id id, int64_t n)
{
	return stmt_run(db, &rooms_sql, GIVE_SEATS, ARGS(INT(n), INT(id.n)));
}

enum db_rc
rooms_online(struct db *db, struct room_id id, int64_t *count)
{
	return stmt_one(db, &rooms_sql, ONLINE, ARGS(INT(id.n)), count);
}

void
rooms_note_said(struct db *db, struct room_id id)
{
	stmt_defer(db, &rooms_sql, NOTE_SAID, ARGS(INT(id.n)));
}

enum db_rc
rooms_mark_erased(struct db *db, struct room_id id)
{
	return stmt_run(db, &rooms_sql, MARK_ERASED, ARGS(INT(id.n)));
}

static json_t *
json_of(struct stmt *s, const char *made, const char *expires)
{
	int64_t notices = stmt_int(s, JSON_NOTICES);
	int64_t post = stmt_int(s, JSON_POST);

	must(notices >= NOTICES_ALL && notices <= NOTICES_OFF);
	must(post == POST_MEMBERS || post == POST_ANYONE);
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s?, s:b, s:b, s:b, "
			 "s:I, s:s, s:s, s:I}",
	    "id", stmt_text(s, JSON_NAME, NULL), "namespace",
	    stmt_text(s, JSON_NAMESPACE, NULL), "title",
	    stmt_text(s, JSON_TITLE, NULL), "capacity",
	    (json_int_t)stmt_int(s, JSON_CAPACITY), "online",
	    (json_int_t)stmt_int(s, JSON_ONLINE), "created_at", made,
	    "expires_at", expires, "expired",
	    rooms_is_past(stmt_int(s, JSON_EXPIRES)), "listed",
	    (int)stmt_int(s, JSON_LISTED), "has_password",
	    (int)stmt_int(s, JSON_HAS_PASSWORD), "grace_ms",
	    (json_int_t)stmt_int(s, JSON_GRACE), "notices",
	    notices_words[notices], "post", posting_words[post], "slow_ms",
	    (json_int_t)stmt_int(s, JSON_SLOW));
}

static void
add_json(struct stmt *s, struct buf *b)
{
	struct buf made = BUF_INIT, expires = BUF_INIT;

	clock_add_rfc3339(&made, stmt_int(s, JSON_MADE));
	if (!stmt_is_null(s, JSON_EXPIRES))
		clock_add_rfc3339(&expires, stmt_int(s, JSON_EXPIRES));
	json_put(json_of(s, buf_str(&made), expires.p), b);
	buf_done(&made);
	buf_done(&expires);
}

enum db_rc
rooms_add_json(struct db *db, struct room_id id, struct buf *b)
{
	struct stmt *s = stmt_begin(db, &rooms_sql, JSON, ARGS(INT(id.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		add_json(s, b);
	stmt_end(s);
	return rc;
}

enum db_rc
rooms_add_list(struct db *db, const char *namespace, const char *after,
    int limit, struct buf *b, int *more)
{
	struct room last = { 0 };
	enum db_rc rc = DB_OK;
	struct stmt *s;

	*more = 0;
	if (after != NULL)
		rc = rooms_find(db, after, &last);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	s = stmt_begin(db, &rooms_sql, LIST,
	    ARGS(TEXT(namespace), INT(last.id.n), INT(clock_wall()),
		INT(limit + 1)));
	return stmt_list(s, limit, add_json, b, more);
}
