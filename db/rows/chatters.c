#include "db/rows/chatters.h"

#include "db/base/must.h"
#include "db/rows/json.h"
#include "db/rows/seq.h"
#include "db/rows/sql.h"

enum {
	OF_USER,
	NEXT_OF_USER,
	BY_NAME,
	GET,
	AUTHOR,
	NICKNAME,
	NEXT_NICKNAME,
	TAKEN,
	INSERT,
	COME_BACK,
	SET_ROLE,
	SET_NICKNAME,
	SET_LEFT,
	SET_SPOKE,
	SET_TOLD,
	SET_READ,
	TAKE_OVER,
	DROP_SOME,
	JSON,
	ONLINE,
	N_SQL
};

#define COLUMNS "id, name, room, person, role, left_at"
enum { COL_ID, COL_NAME, COL_ROOM, COL_USER, COL_ROLE, COL_LEFT };

#define AUTHOR_COLUMNS "id, name, nickname, role, left_at, spoke"
enum {
	AUTHOR_ID,
	AUTHOR_NAME,
	AUTHOR_NICKNAME,
	AUTHOR_ROLE,
	AUTHOR_LEFT,
	AUTHOR_SPOKE
};

#define JSON_COLUMNS "c.name, c.nickname, c.role"
enum { JSON_NAME, JSON_NICKNAME, JSON_ROLE };

#define WITH(key) \
	"SELECT id FROM chatter WHERE room = ?1 AND " key " IN (?2, ?3, ?4)"

/* The keys of a nickname as arguments of a statement, in their order. */
#define KEYS(keys)                                                     \
	BUF(&(keys)->key[KEY_WRITTEN]), BUF(&(keys)->key[KEY_FOLDED]), \
	    BUF(&(keys)->key[KEY_CAPITAL])

static const char *const sql[N_SQL] = {
	[OF_USER] =
	    "SELECT " COLUMNS " FROM chatter WHERE room = ? AND person = ?",
	[NEXT_OF_USER] = "SELECT " COLUMNS " FROM chatter"
			 " WHERE person = ? AND left_at IS NULL AND id > ?"
			 " AND (SELECT gone FROM room"
			 " WHERE room.id = chatter.room) IS NULL"
			 " ORDER BY id LIMIT 1",
	[BY_NAME] =
	    "SELECT " COLUMNS " FROM chatter WHERE name = ? AND room = ?",
	[GET] = "SELECT " COLUMNS " FROM chatter WHERE id = ?",
	[AUTHOR] = "SELECT " AUTHOR_COLUMNS
		   " FROM chatter WHERE room = ? AND person = ?",
	[NICKNAME] = "SELECT nickname FROM chatter WHERE id = ?",
	[NEXT_NICKNAME] = "SELECT id, nickname FROM chatter"
			  " WHERE id > ? ORDER BY id LIMIT 1",
	/* By somebody else who is present; each part walks its own index. */
	[TAKEN] = "SELECT 1 FROM (" WITH("nickname_key") " UNION ALL " WITH(
	    "folded_key") " UNION ALL " WITH("capital_key") ") AS c"
							    " WHERE c.id <> ?5 AND EXISTS"
							    " (SELECT 1 FROM presence AS p WHERE p.chatter = c.id)"
							    " LIMIT 1",
	/* Someone who joins now has not been told of anything unread. */
	[INSERT] = "INSERT INTO chatter"
		   " (name, room, person, nickname, nickname_key, folded_key,"
		   " capital_key, role, joined, told_at)"
		   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, " SEQ_NEWEST ")",
	[COME_BACK] = "UPDATE chatter SET left_at = NULL, told_at = " SEQ_NEWEST
		      " WHERE id = ?",
	[SET_ROLE] = "UPDATE chatter SET role = ? WHERE id = ?",
	[SET_NICKNAME] = "UPDATE chatter SET nickname = ?, nickname_key = ?,"
			 " folded_key = ?, capital_key = ? WHERE id = ?",
	[SET_LEFT] = "UPDATE chatter SET left_at = ? WHERE id = ?",
	[SET_SPOKE] = "UPDATE chatter SET spoke = ? WHERE id = ?",
	[SET_TOLD] = "UPDATE chatter SET told = ?, told_at = " SEQ_NEWEST
		     " WHERE id = ?",
	[SET_READ] = "UPDATE chatter SET read = ?, told = ?,"
		     " told_at = " SEQ_NEWEST " WHERE id = ?",
	[TAKE_OVER] = "UPDATE chatter SET person = ?1 WHERE person = ?2"
		      " AND room IN (SELECT room FROM ban WHERE person = ?2)",
	[DROP_SOME] = "DELETE FROM chatter WHERE id IN (SELECT id FROM chatter"
		      " WHERE room = ?1 ORDER BY person LIMIT ?2)",
	[JSON] = "SELECT " JSON_COLUMNS " FROM chatter AS c WHERE c.id = ?",
	/* Walks the index, so a page costs no more than its own rows. */
	[ONLINE] = "SELECT " JSON_COLUMNS " FROM presence AS p"
		   " CROSS JOIN chatter AS c ON c.id = p.chatter"
		   " WHERE p.room = ? AND p.chatter > ?"
		   " GROUP BY p.chatter ORDER BY p.chatter LIMIT ?",
};
const struct sql chatters_sql = { SQL_CHATTERS, sql, N_SQL };

static const char *const roles[] = {
	[ROLE_MEMBER] = "member",
	[ROLE_MODERATOR] = "moderator",
	[ROLE_OWNER] = "owner",
};

static void
read_name(struct stmt *s, int column, struct chatter_name *name)
{
	size_t len;
	const char *text = stmt_text(s, column, &len);

	must(len == CHATTER_NAME_LEN);
	memcpy(name->s, text, len + 1);
}

static enum db_rc
read_one(struct stmt *s, struct chatter *c)
{
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		read_name(s, COL_NAME, &c->name);
		c->id.n = stmt_int(s, COL_ID);
		c->room.n = stmt_int(s, COL_ROOM);
		c->user.n = stmt_int(s, COL_USER);
		c->role = (enum role)stmt_int(s, COL_ROLE);
		c->left = !stmt_is_null(s, COL_LEFT);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
chatters_of_user(
    struct db *db, struct room_id room, struct user_id user, struct chatter *c)
{
	return read_one(stmt_begin(db, &chatters_sql, OF_USER,
			    ARGS(INT(room.n), INT(user.n))),
	    c);
}

enum db_rc
chatters_next_of_user(struct db *db, struct user_id user,
    struct chatter_id after, struct chatter *c)
{
	return read_one(stmt_begin(db, &chatters_sql, NEXT_OF_USER,
			    ARGS(INT(user.n), INT(after.n))),
	    c);
}

enum db_rc
chatters_by_name(
    struct db *db, struct room_id room, const char *name, struct chatter *c)
{
	return read_one(stmt_begin(db, &chatters_sql, BY_NAME,
			    ARGS(TEXT(name), INT(room.n))),
	    c);
}

enum db_rc
chatters_get(struct db *db, struct chatter_id id, struct chatter *c)
{
	return read_one(stmt_begin(db, &chatters_sql, GET, ARGS(INT(id.n))), c);
}

enum db_rc
chatters_author(
    struct db *db, struct room_id room, struct user_id user, struct author *a)
{
	struct stmt *s = stmt_begin(
	    db, &chatters_sql, AUTHOR, ARGS(INT(room.n), INT(user.n)));
	enum db_rc rc = stmt_next(s);
	const char *nickname;
	size_t len;

	if (rc == DB_OK) {
		a->id.n = stmt_int(s, AUTHOR_ID);
		read_name(s, AUTHOR_NAME, &a->name);
		nickname = stmt_text(s, AUTHOR_NICKNAME, &len);
		must(len < sizeof(a->nickname));
		memcpy(a->nickname, nickname, len + 1);
		a->role = (enum role)stmt_int(s, AUTHOR_ROLE);
		a->left = !stmt_is_null(s, AUTHOR_LEFT);
		a->spoke = stmt_int(s, AUTHOR_SPOKE);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
chatters_nickname(struct db *db, struct chatter_id id, struct buf *nickname)
{
	struct stmt *s =
	    stmt_begin(db, &chatters_sql, NICKNAME, ARGS(INT(id.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		buf_adds(nickname, stmt_text(s, 0, NULL));
	stmt_end(s);
	return rc;
}

enum db_rc
chatters_next_nickname(
    struct db *db, struct chatter_id *id, struct buf *nickname)
{
	struct stmt *s =
	    stmt_begin(db, &chatters_sql, NEXT_NICKNAME, ARGS(INT(id->n)));
	enum db_rc rc = stmt_next(s);

	buf_clear(nickname);
	if (rc == DB_OK) {
		id->n = stmt_int(s, 0);
		buf_adds(nickname, stmt_text(s, 1, NULL));
	}
	stmt_end(s);
	return rc;
}

enum db_rc
chatters_name_taken(struct db *db, struct room_id room, struct chatter_id self,
    const struct lookalike *keys)
{
	int64_t one;

	return stmt_one(db, &chatters_sql, TAKEN,
	    ARGS(INT(room.n), KEYS(keys), INT(self.n)), &one);
}

enum db_rc
chatters_insert(struct db *db, const struct chatter_draft *d)
{
	struct chatter_name name;

	ids_make_chatter(&name);
	return stmt_run(db, &chatters_sql, INSERT,
	    ARGS(TEXT(name.s), INT(d->room.n), INT(d->user.n),
		TEXT(d->nickname), KEYS(d->keys), INT((int64_t)d->role),
		INT(d->joined)));
}

enum db_rc
chatters_come_back(struct db *db, struct chatter_id id)
{
	return stmt_run(db, &chatters_sql, COME_BACK, ARGS(INT(id.n)));
}

enum db_rc
chatters_set_role(struct db *db, struct chatter_id id, enum role role)
{
	return stmt_run(
	    db, &chatters_sql, SET_ROLE, ARGS(INT((int64_t)role), INT(id.n)));
}

enum db_rc
chatters_set_nickname(struct db *db, struct chatter_id id, const char *nickname,
    const struct lookalike *keys)
{
	return stmt_run(db, &chatters_sql, SET_NICKNAME,
	    ARGS(TEXT(nickname), KEYS(keys), INT(id.n)));
}

enum db_rc
chatters_set_left(struct db *db, struct chatter_id id, int64_t at)
{
	return stmt_run(db, &chatters_sql, SET_LEFT, ARGS(INT(at), INT(id.n)));
}

void
chatters_set_spoke(struct db *db, struct chatter_id id, int64_t at)
{
	stmt_defer(db, &chatters_sql, SET_SPOKE, ARGS(INT(at), INT(id.n)));
}

enum db_rc
chatters_set_told(struct db *db, struct chatter_id id, int64_t unread)
{
	return stmt_run(
	    db, &chatters_sql, SET_TOLD, ARGS(INT(unread), INT(id.n)));
}

enum db_rc
chatters_set_read(
    struct db *db, struct chatter_id id, struct message_id read, int64_t unread)
{
	return stmt_run(db, &chatters_sql, SET_READ,
	    ARGS(INT(read.n), INT(unread), INT(id.n)));
}

enum db_rc
chatters_take_over(struct db *db, struct user_id to, struct user_id from)
{
	return stmt_run(
	    db, &chatters_sql, TAKE_OVER, ARGS(INT(to.n), INT(from.n)));
}

enum db_rc
chatters_drop_some(struct db *db, struct room_id room, int limit, int64_t *n)
{
	enum db_rc rc = stmt_run(
	    db, &chatters_sql, DROP_SOME, ARGS(INT(room.n), INT(limit)));

	*n = stmt_changes(db);
	return rc;
}

int
chatters_read_role(const char *text, enum role *role)
{
	for (int i = ROLE_MEMBER; i <= ROLE_OWNER; i++)
		if (strcmp(text, roles[i]) == 0) {
			*role = (enum role)i;
			return 0;
		}
	return -1;
}

static void
add_json(struct stmt *s, const char *member, const char *value, struct buf *b)
{
	enum role role = (enum role)stmt_int(s, JSON_ROLE);

	must(role <= ROLE_OWNER);
	json_put(json_pack("{s:s, s:s, s:s, s:s*}", "id",
		     stmt_text(s, JSON_NAME, NULL), "nickname",
		     stmt_text(s, JSON_NICKNAME, NULL), "role", roles[role],
		     member, value),
	    b);
}

enum db_rc
chatters_add_json_and(struct db *db, struct chatter_id id, const char *member,
    const char *value, struct buf *b)
{
	struct stmt *s = stmt_begin(db, &chatters_sql, JSON, ARGS(INT(id.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK)
		add_json(s, member, value, b);
	stmt_end(s);
	return rc;
}

enum db_rc
chatters_add_json(struct db *db, struct chatter_id id, struct buf *b)
{
	return chatters_add_json_and(db, id, "", NULL, b);
}

enum db_rc
chatters_add_author(
    struct db *db, struct chatter_id id, struct buf *json, struct buf *nickname)
{
	struct stmt *s = stmt_begin(db, &chatters_sql, JSON, ARGS(INT(id.n)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		buf_adds(nickname, stmt_text(s, JSON_NICKNAME, NULL));
		buf_adds(json, "{\"id\":");
		json_add_text(json, stmt_text(s, JSON_NAME, NULL));
		buf_adds(json, ",\"nickname\":");
		json_add_text(json, buf_str(nickname));
		buf_addc(json, '}');
	}
	stmt_end(s);
	return rc;
}

static void
add_plain(struct stmt *s, struct buf *b)
{
	add_json(s, "", NULL, b);
}

enum db_rc
chatters_add_online(struct db *db, struct room_id room, struct chatter_id after,
    int limit, struct buf *b, int *more)
{
	struct stmt *s = stmt_begin(db, &chatters_sql, ONLINE,
	    ARGS(INT(room.n), INT(after.n), INT(limit + 1)));

	return stmt_list(s, limit, add_plain, b, more);
}
