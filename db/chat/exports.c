#include "db/chat/exports.h"

#include "db/chat/people.h"
#include "db/rows/chatters.h"
#include "db/rows/inventory.h"
#include "db/rows/json.h"
#include "db/rows/notifications.h"
#include "db/rows/rooms.h"
#include "db/rows/users.h"

/* Entries read in one transaction. */
enum { PORTION = 200 };

struct export
{
	const char *name;
	exports_fn fn;
	void *arg;
	struct buf line;

	struct room_id room;
	struct user_id user;
	struct inventory_seat seat; /* the last one that was read */
	struct message_id message;
	struct inventory_notification notification;
};

static void
begin(struct export *e, const char *kind)
{
	buf_clear(&e->line);
	buf_addf(&e->line, "{\"%s\":", kind);
}

static void
end(struct export *e)
{
	buf_addc(&e->line, '}');
	e->fn(&e->line, e->arg);
}

static enum db_rc
tell_room(struct db *db, void *arg)
{
	struct export *e = arg;
	struct room room;
	enum db_rc rc = rooms_find(db, e->name, &room);

	if (rc != DB_OK)
		return rc;
	e->room = room.id;
	begin(e, "room");
	rc = rooms_add_json(db, room.id, &e->line);
	if (rc == DB_OK)
		end(e);
	return rc;
}

static enum db_rc
tell_user(struct db *db, void *arg)
{
	struct export *e = arg;
	enum db_rc rc = people_find(db, e->name, &e->user);
	int64_t unread;

	if (rc != DB_OK)
		return rc;
	begin(e, "user");
	rc = users_add_json(db, e->user, &e->line, &unread);
	if (rc == DB_OK)
		end(e);
	return rc;
}

static enum db_rc
tell_seat(struct db *db, struct export *e)
{
	struct room room;
	enum db_rc rc = rooms_get(db, e->seat.room, &room);

	begin(e, "chatter");
	if (rc == DB_OK)
		rc = chatters_add_json_and(
		    db, e->seat.chatter, "room", room.name.s, &e->line);
	if (rc == DB_OK)
		end(e);
	return rc;
}

static enum db_rc
tell_seats(struct db *db, void *arg)
{
	struct export *e = arg;
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < PORTION; i++) {
		rc = inventory_next_in_room(db, e->room, &e->seat);
		if (rc == DB_OK)
			rc = tell_seat(db, e);
	}
	return rc;
}

/* One seat: its messages are another's work. */
static enum db_rc
tell_next_seat(struct db *db, void *arg)
{
	struct export *e = arg;
	enum db_rc rc = inventory_next_of_user(db, e->user, &e->seat);

	return rc == DB_OK ? tell_seat(db, e) : rc;
}

static void
tell_message(const char *json, size_t len, void *arg)
{
	struct export *e = arg;

	begin(e, "message");
	buf_add(&e->line, json, len);
	end(e);
}

static enum db_rc
tell_messages(struct db *db, void *arg)
{
	struct export *e = arg;
	/* Of a room all, of a person those from this seat. */
	struct chatter_id by =
	    e->room.n == 0 ? e->seat.chatter : (struct chatter_id){ 0 };
	struct room_id in = e->room.n == 0 ? e->seat.room : e->room;

	return inventory_messages(
	    db, in, by, &e->message, PORTION, tell_message, e);
}

static enum db_rc
tell_notifications(struct db *db, void *arg)
{
	struct export *e = arg;
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < PORTION; i++) {
		rc = inventory_next_notification(db, e->user, &e->notification);
		if (rc != DB_OK)
			break;
		begin(e, "notification");
		rc = notifications_add_json(
		    db, e->notification.id, NULL, &e->line);
		if (rc == DB_OK)
			end(e);
	}
	return rc;
}

/* Reads portion after portion, until there is no more. */
static enum db_rc
all(struct db *db, db_fn fn, struct export *e)
{
	enum db_rc rc;

	do
		rc = db_read(db, fn, e);
	while (rc == DB_OK);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
exports_room(struct db *db, const char *room, exports_fn fn, void *arg)
{
	struct export e = { .name = room, .fn = fn, .arg = arg };
	enum db_rc rc = db_read(db, tell_room, &e);

	if (rc == DB_OK)
		rc = all(db, tell_seats, &e);
	if (rc == DB_OK)
		rc = all(db, tell_messages, &e);
	buf_done(&e.line);
	return rc;
}

static enum db_rc
seats_with_messages(struct db *db, struct export *e)
{
	enum db_rc rc = DB_OK;

	while (rc == DB_OK) {
		rc = db_read(db, tell_next_seat, e);
		e->message.n = 0;
		if (rc == DB_OK)
			rc = all(db, tell_messages, e);
	}
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
exports_person(struct db *db, const char *person, exports_fn fn, void *arg)
{
	struct export e = { .name = person, .fn = fn, .arg = arg };
	enum db_rc rc = db_read(db, tell_user, &e);

	if (rc == DB_OK)
		rc = seats_with_messages(db, &e);
	if (rc == DB_OK)
		rc = all(db, tell_notifications, &e);
	buf_done(&e.line);
	return rc;
}
