#include "db/chat/room_end.h"

#include "db/base/clock.h"
#include "db/chat/room_events.h"
#include "db/chat/unread.h"
#include "db/rows/bans.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "db/rows/messages.h"
#include "db/rows/notice_pace.h"
#include "db/chat/arrivals.h"
#include "db/rows/steady.h"
#include "db/rows/unread_watchers.h"

enum { LEAVE_AT_ONCE = 500 };

/* Turns ROOM into a tombstone for room_end_purge to remove. */
static enum db_rc
leave_tombstone(struct db *db, struct room_id room)
{
	int64_t told = events_last(db);
	struct room_name name;

	ids_make_room(&name);
	return rooms_set_tombstone(db, room, told, &name);
}

enum db_rc
room_end_delete(struct db *db, const struct room *room)
{
	struct buf json = BUF_INIT;
	enum db_rc rc = rooms_add_json(db, room->id, &json);

	if (rc == DB_OK)
		rc = unread_forget_room(db, room);
	if (rc == DB_OK)
		rc = presence_drop_room(db, room->id);
	if (rc == DB_OK)
		rc = unread_watchers_drop_room(db, room->id);
	if (rc == DB_OK)
		rc = notice_pace_drop_room(db, room->id);
	if (rc == DB_OK)
		rc = room_events_tell(db, room->id, &json, EVENT_ENDS_ALL);
	if (rc == DB_OK)
		rc = leave_tombstone(db, room->id);
	buf_done(&json);
	return rc;
}

/* Closes one room, or makes a part of a large crowd leave it. */
static enum db_rc
close_one(struct db *db)
{
	struct buf json = BUF_INIT;
	struct room room;
	enum db_rc rc = rooms_first_expired(db, clock_wall(), &room);

	if (rc == DB_OK)
		rc = arrivals_empty(db, &room, LEAVE_AT_ONCE);
	else
		return rc;
	if (rc == DB_OK)
		rc = rooms_get(db, room.id, &room);
	if (rc == DB_OK && room.online > 0)
		return DB_OK;
	if (rc == DB_OK || rc == DB_NONE)
		rc = rooms_set_closed(db, room.id, steady_now(db));
	if (rc == DB_OK)
		rc = rooms_add_json(db, room.id, &json);
	if (rc == DB_OK)
		rc = room_events_tell(db, room.id, &json, EVENT_ENDS_EXPIRED);
	buf_done(&json);
	return rc;
}

enum db_rc
room_end_close_expired(struct db *db, int limit)
{
	int64_t opened;
	int closed = 0;
	enum db_rc rc;

	/* The clock that closed them was wrong, and has been set back. */
	rc = rooms_reopen(db, clock_wall(), &opened);
	while (rc == DB_OK && closed < limit) {
		rc = close_one(db);
		closed += rc == DB_OK;
	}
	return rc == DB_NONE && (closed > 0 || opened > 0) ? DB_OK : rc;
}

enum db_rc
room_end_due(struct db *db)
{
	struct room room;
	enum db_rc rc = rooms_first_expired(db, clock_wall(), &room);

	return rc != DB_NONE ? rc : rooms_reopenable(db, clock_wall());
}

/* *MORE: there may be others. */
static enum db_rc
blank_some(struct db *db, struct tombstone *t, int limit, int *more)
{
	struct scope scope = { SCOPE_ROOM, t->id.n };
	enum db_rc rc = events_blank_some(db, scope, limit, &t->blank);

	*more = t->blank > 0;
	return rc == DB_OK ? rooms_set_blank(db, t->id, t->blank) : rc;
}

static enum db_rc
drop_messages(struct db *db, struct room_id room, int limit, int64_t *dropped)
{
	enum db_rc rc = events_outlive_messages(db, room, limit);

	*dropped = 0;
	return rc == DB_OK ? messages_drop_some(db, room, limit, dropped) : rc;
}

/* Absences and coalesced notices go with their chatter, by themselves. */
static const struct {
	enum db_rc (*drop_some)(
	    struct db *, struct room_id, int limit, int64_t *dropped);
	int rows; /* that may go with each */
} portions[] = {
	{ drop_messages, 1 }, { bans_drop_some, 1 },
	{ chatters_drop_some, ABSENCES_MAX / 4 }, /* few have so many */
};

/* No write walks over rows that an earlier one has handled. */
static enum db_rc
take_away(struct db *db, struct tombstone *t, int limit)
{
	int64_t dropped;
	int more = 0, most;
	enum db_rc rc = DB_OK;

	if (t->blank > 0)
		rc = blank_some(db, t, limit, &more);
	for (size_t i = 0;
	     rc == DB_OK && !more && i < sizeof(portions) / sizeof(portions[0]);
	     i++) {
		most = (limit - 1) / portions[i].rows + 1;
		rc = portions[i].drop_some(db, t->id, most, &dropped);
		more = dropped == most;
	}
	return rc != DB_OK || more ? rc : rooms_drop(db, t->id);
}

enum db_rc
room_end_purge(struct db *db, int64_t before, int limit)
{
	struct tombstone tombstone;
	struct room room;
	enum db_rc rc = rooms_first_tombstone(db, &tombstone);

	if (rc != DB_NONE)
		return rc == DB_OK ? take_away(db, &tombstone, limit) : rc;
	rc = rooms_first_purgeable(db, before, &room);
	return rc == DB_OK ? room_end_delete(db, &room) : rc;
}

enum db_rc
room_end_purge_due(struct db *db, int64_t before)
{
	struct tombstone tombstone;
	struct room room;
	enum db_rc rc = rooms_first_tombstone(db, &tombstone);

	return rc == DB_NONE ? rooms_first_purgeable(db, before, &room) : rc;
}
