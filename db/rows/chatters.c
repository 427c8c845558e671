#include "db/rows/chatters.h"

#include "db/rows/bans.h"
#include "db/base/must.h"
#include "db/rows/events.h"
#include "db/rows/json.h"
#include "db/rows/nicknames.h"
#include "db/rows/presence.h"
#include "db/rows/steady.h"
#include "db/rows/sql.h"

enum {
	LIST_MAX = 200 /* of an announcement, as of a page */
};

enum {
	OF_USER,
	NEXT_OF_USER,
	BY_NAME,
	GET,
	MAKE,
	COME_BACK,
	SET_ROLE,
	JSON,
	ONLINE,
	N_SQL
};

#define COLUMNS "id, name, room, person, role, left_at"
enum { COL_ID, COL_NAME, COL_ROOM, COL_USER, COL_ROLE, COL_LEFT };

#define JSON_COLUMNS "c.name, c.nickname, c.role"
enum { JSON_NAME, JSON_NICKNAME, JSON_ROLE };

#define LOG_HEAD "(SELECT coalesce(max(seq), 0) FROM event)"

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
	/* The queue knows of nothing unread in a room that is joined now. */
	[MAKE] = "INSERT INTO chatter"
		 " (name, room, person, nickname, nickname_key, folded_key,"
		 " capital_key, role, joined, told_at)"
		 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, " LOG_HEAD ")",
	[COME_BACK] = "UPDATE chatter SET left_at = NULL, told_at = " LOG_HEAD
		      " WHERE id = ?",
	[SET_ROLE] = "UPDATE chatter SET role = ? WHERE id = ?",
	[JSON] = "SELECT " JSON_COLUMNS " FROM chatter AS c WHERE c.id = ?",
	/* Along the index, so that a page costs a page. */
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

static enum db_rc
read_one(struct stmt *s, struct chatter *c)
{
	enum db_rc rc = stmt_next(s);
	const char *name;
	size_t len;

	if (rc == DB_OK) {
		name = stmt_text(s, COL_NAME, &len);
		must(len == CHATTER_NAME_LEN);
		memcpy(c->name.s, name, len + 1);
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

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

static enum db_rc
insert(struct db *db, const struct chatter *c, const char *nickname,
    const struct lookalike *keys)
{
	struct chatter_name name;

	ids_make_chatter(&name);
	return stmt_run(db, &chatters_sql, MAKE,
	    ARGS(TEXT(name.s), INT(c->room.n), INT(c->user.n), TEXT(nickname),
		NICKNAME_KEYS(keys), INT((int64_t)c->role),
		INT(steady_now(db))));
}

static enum db_rc
seat_new(struct db *db, const struct room *room, const struct newcomer *who,
    enum problem *why)
{
	struct chatter c = { .room = room->id,
		.user = who->user,
		.role =
		    room->owner.n == who->user.n ? ROLE_OWNER : ROLE_MEMBER };
	struct lookalike keys = LOOKALIKE_INIT;
	const char *nickname = who->nickname;
	struct buf generated = BUF_INIT;
	enum db_rc rc = DB_OK;

	if (nickname != NULL) {
		rc = nicknames_claim(db, &c, nickname, &keys, why);
	} else if (who->usual != NULL) {
		nickname = who->usual;
		lookalike_keys(nickname, &keys);
	} else {
		rc = nicknames_generate(
		    db, room->id, who->language, &generated, &keys);
		nickname = buf_str(&generated);
	}
	if (rc == DB_OK)
		rc = insert(db, &c, nickname, &keys);
	buf_done(&generated);
	lookalike_done(&keys);
	return rc;
}

enum db_rc
chatters_need_password(
    struct db *db, const struct room *room, struct user_id user, int *need)
{
	struct chatter c;
	enum db_rc rc;

	*need = room->has_password && room->owner.n != user.n;
	if (!*need)
		return DB_OK;
	rc = chatters_of_user(db, room->id, user, &c);
	if (rc == DB_OK)
		*need = c.left && c.role == ROLE_MEMBER;
	return rc == DB_NONE ? DB_OK : rc;
}

/* DB_OK: the newcomer knows the password, or needs none. */
static enum db_rc
check_password(struct db *db, const struct room *room,
    const struct newcomer *who, enum problem *why)
{
	struct buf hash = BUF_INIT;
	enum db_rc rc;
	int need;

	rc = chatters_need_password(db, room, who->user, &need);
	if (rc != DB_OK || !need)
		return rc;
	if (who->password == NULL)
		return refuse(why, PROBLEM_PASSWORD_REQUIRED);
	/* It may have been changed since it was found right. */
	rc = rooms_add_password(db, room->id, &hash);
	if (rc == DB_OK &&
	    (who->proved == NULL || strcmp(who->proved, buf_str(&hash)) != 0))
		rc = refuse(why, PROBLEM_PASSWORD_WRONG);
	buf_done(&hash);
	return rc;
}

/* DB_OK: nothing but the nickname can be wrong now. */
static enum db_rc
admit(struct db *db, const struct room *room, const struct newcomer *who,
    enum problem *why)
{
	enum db_rc rc;

	if (room_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = bans_check(db, room->id, who->user);
	if (rc == DB_OK)
		return refuse(why, PROBLEM_BANNED);
	return rc == DB_NONE ? check_password(db, room, who, why) : rc;
}

enum db_rc
chatters_seat(struct db *db, const struct room *room,
    const struct newcomer *who, struct chatter *c, int *made, enum problem *why)
{
	enum db_rc rc;

	*made = 0;
	*why = PROBLEM_NONE;
	rc = admit(db, room, who, why);
	if (rc != DB_OK)
		return rc;
	rc = chatters_of_user(db, room->id, who->user, c);
	if (rc == DB_NONE) {
		rc = seat_new(db, room, who, why);
		if (rc != DB_OK)
			return rc;
		*made = 1;
		return chatters_of_user(db, room->id, who->user, c);
	}
	if (rc == DB_OK && who->nickname != NULL)
		rc = chatters_rename(db, room, c, who->nickname, why);
	if (rc != DB_OK || !c->left)
		return rc;
	c->left = 0;
	return stmt_run(db, &chatters_sql, COME_BACK, ARGS(INT(c->id.n)));
}

/* Tells ROOM what C, who is online, is called now. */
static enum db_rc
tell_renamed(struct db *db, const struct room *room, const struct chatter *c,
    const char *was)
{
	struct buf item = BUF_INIT;
	enum db_rc rc = chatters_add_json_and(db, c->id, "was", was, &item);

	if (rc == DB_OK)
		rc = presence_tell(
		    db, room, PRESENCE_RENAMED, &item, EVENT_ENDS_NOBODY);
	buf_done(&item);
	return rc;
}

enum db_rc
chatters_rename(struct db *db, const struct room *room, const struct chatter *c,
    const char *nickname, enum problem *why)
{
	struct lookalike keys = LOOKALIKE_INIT;
	struct buf was = BUF_INIT;
	enum db_rc rc;

	*why = PROBLEM_NONE;
	if (room_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = nicknames_claim(db, c, nickname, &keys, why);
	if (rc == DB_OK)
		rc = nicknames_get(db, c->id, &was);
	if (rc == DB_OK && strcmp(buf_str(&was), nickname) != 0) {
		rc = nicknames_set(db, c->id, nickname, &keys);
		if (rc == DB_OK)
			rc = presence_online(db, c->id);
		if (rc == DB_OK)
			rc = tell_renamed(db, room, c, buf_str(&was));
		else if (rc == DB_NONE)
			rc = DB_OK;
	}
	lookalike_done(&keys);
	buf_done(&was);
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

enum db_rc
chatters_set_role(struct db *db, const struct room *room,
    const struct chatter *c, enum role role)
{
	struct buf item = BUF_INIT;
	enum db_rc rc;

	if (c->role == role)
		return DB_OK;
	rc = stmt_run(db, &chatters_sql, SET_ROLE,
	    ARGS(INT((int64_t)role), INT(c->id.n)));
	if (rc == DB_OK)
		rc = presence_online(db, c->id);
	if (rc == DB_OK)
		rc = chatters_add_json(db, c->id, &item);
	if (rc == DB_OK)
		rc = presence_tell(
		    db, room, PRESENCE_CHANGED, &item, EVENT_ENDS_NOBODY);
	buf_done(&item);
	return rc == DB_NONE ? DB_OK : rc;
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

enum db_rc
chatters_announce(struct db *db, const struct room *room)
{
	struct scope scope = { SCOPE_ROOM, room->id.n };
	struct buf data = BUF_INIT;
	int64_t count;
	enum db_rc rc;
	int more;

	rc = rooms_online(db, room->id, &count);
	buf_adds(&data, "{\"room\":\"");
	buf_adds(&data, room->name.s);
	buf_adds(&data, "\",\"chatters\":[");
	if (rc == DB_OK)
		rc = chatters_add_online(db, room->id, (struct chatter_id){ 0 },
		    LIST_MAX, &data, &more);
	if (rc == DB_OK) {
		buf_addf(&data, "],\"count\":%lld}", (long long)count);
		rc = events_append(
		    db, scope, EVENT_CHATTERS, &data, EVENT_ENDS_NOBODY);
	}
	buf_done(&data);
	return rc;
}
