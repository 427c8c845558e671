#include "db/rows/inventory.h"

#include "db/rows/seq.h"
#include "db/rows/sql.h"

enum {
	NEXT_ROOM,
	NEXT_IN_ROOM,
	NEXT_OF_USER,
	USER_OF_CHATTER,
	IS_KEY,
	NEXT_NOTIFICATION,
	MESSAGES,
	COUNTS,
	N_SQL
};

#define SEAT                                       \
	"SELECT id, room, person, left_at, EXISTS" \
	" (SELECT 1 FROM presence WHERE chatter = chatter.id) FROM chatter"
enum { SEAT_ID, SEAT_ROOM, SEAT_USER, SEAT_LEFT, SEAT_ONLINE };

/* Counts along an index, or the table's own key. */
#define COUNT(table, condition) \
	"(SELECT count(*) FROM " table " WHERE " condition ")"

static const char *const sql[N_SQL] = {
	[NEXT_ROOM] = "SELECT id FROM room WHERE id > ? AND gone IS NULL"
		      " ORDER BY id LIMIT 1",
	[NEXT_IN_ROOM] = SEAT " WHERE room = ? AND person > ?"
			      " ORDER BY person LIMIT 1",
	[NEXT_OF_USER] = SEAT " WHERE person = ? AND id > ?"
			      " AND (SELECT gone FROM room"
			      " WHERE room.id = chatter.room) IS NULL"
			      " ORDER BY id LIMIT 1",
	[USER_OF_CHATTER] = "SELECT person FROM chatter WHERE name = ?",
	[IS_KEY] = "SELECT 1 FROM service_key WHERE id > 0 AND person = ?",
	[NEXT_NOTIFICATION] = "SELECT id, changed FROM notification"
			      " WHERE person = ? AND changed > ?"
			      " ORDER BY changed LIMIT 1",
	[MESSAGES] = "SELECT id, json FROM message WHERE room = ?1 AND id > ?2"
		     " AND (?3 = 0 OR chatter = ?3) ORDER BY id LIMIT ?4",
	[COUNTS] = "SELECT " COUNT(
	    "room", "id > 0 AND gone IS NULL") ", " COUNT("person",
	    "id > 0") ", " COUNT("chatter",
	    "room > 0") ", (SELECT count(DISTINCT chatter) FROM presence WHERE room > 0)"
			", " COUNT("message",
			    "event > 0 OR event <= 0") ", " COUNT("notification",
			    "person > 0") ", " SEQ_NEWEST
					  " - floor FROM meta WHERE one = 1",
};
const struct sql inventory_sql = { SQL_INVENTORY, sql, N_SQL };

/* In the order of the columns of COUNTS. */
static const char *const names[] = { "rooms", "people", "seats", "online",
	"messages", "notifications", "events" };

enum db_rc
inventory_next_room(struct db *db, struct room_id *id)
{
	return stmt_one(
	    db, &inventory_sql, NEXT_ROOM, ARGS(INT(id->n)), &id->n);
}

static enum db_rc
read_seat(struct stmt *s, struct inventory_seat *seat)
{
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		seat->chatter.n = stmt_int(s, SEAT_ID);
		seat->room.n = stmt_int(s, SEAT_ROOM);
		seat->user.n = stmt_int(s, SEAT_USER);
		seat->left = !stmt_is_null(s, SEAT_LEFT);
		seat->online = (int)stmt_int(s, SEAT_ONLINE);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
inventory_next_in_room(
    struct db *db, struct room_id room, struct inventory_seat *seat)
{
	return read_seat(stmt_begin(db, &inventory_sql, NEXT_IN_ROOM,
			     ARGS(INT(room.n), INT(seat->user.n))),
	    seat);
}

enum db_rc
inventory_next_of_user(
    struct db *db, struct user_id user, struct inventory_seat *seat)
{
	return read_seat(stmt_begin(db, &inventory_sql, NEXT_OF_USER,
			     ARGS(INT(user.n), INT(seat->chatter.n))),
	    seat);
}

enum db_rc
inventory_user_of_chatter(struct db *db, const char *name, struct user_id *user)
{
	return stmt_one(
	    db, &inventory_sql, USER_OF_CHATTER, ARGS(TEXT(name)), &user->n);
}

enum db_rc
inventory_is_key(struct db *db, struct user_id user)
{
	int64_t one;

	return stmt_one(db, &inventory_sql, IS_KEY, ARGS(INT(user.n)), &one);
}

enum db_rc
inventory_next_notification(
    struct db *db, struct user_id user, struct inventory_notification *n)
{
	struct stmt *s = stmt_begin(db, &inventory_sql, NEXT_NOTIFICATION,
	    ARGS(INT(user.n), INT(n->changed)));
	enum db_rc rc = stmt_next(s);

	if (rc == DB_OK) {
		n->id.n = stmt_int(s, 0);
		n->changed = stmt_int(s, 1);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
inventory_messages(struct db *db, struct room_id room,
    struct chatter_id chatter, struct message_id *last, int limit,
    void (*fn)(const char *json, size_t len, void *arg), void *arg)
{
	struct stmt *s = stmt_begin(db, &inventory_sql, MESSAGES,
	    ARGS(INT(room.n), INT(last->n), INT(chatter.n), INT(limit)));
	enum db_rc rc;
	int found = 0;

	while ((rc = stmt_next(s)) == DB_OK) {
		size_t len;
		const char *json = stmt_text(s, 1, &len);

		fn(json, len, arg);
		last->n = stmt_int(s, 0);
		found = 1;
	}
	stmt_end(s);
	return rc == DB_NONE && found ? DB_OK : rc;
}

enum db_rc
inventory_counts(struct db *db,
    void (*fn)(const char *name, int64_t n, void *arg), void *arg)
{
	struct stmt *s = stmt_begin(db, &inventory_sql, COUNTS, NO_ARGS);
	enum db_rc rc = stmt_next(s);

	for (int i = 0;
	     rc == DB_OK && i < (int)(sizeof(names) / sizeof(names[0])); i++)
		fn(names[i], stmt_int(s, i), arg);
	stmt_end(s);
	return rc;
}
