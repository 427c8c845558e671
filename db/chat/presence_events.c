#include "db/chat/presence_events.h"

#include "db/rows/chatters.h"
#include "db/rows/events.h"

enum {
	LIST_MAX = 200 /* of an announcement, as of a page */
};

static const char *const changes[] = {
	[PRESENCE_JOINED] = "joined",
	[PRESENCE_LEFT] = "left",
	[PRESENCE_RENAMED] = "renamed",
	[PRESENCE_CHANGED] = "changed",
};

enum db_rc
presence_events_tell(struct db *db, const struct room *room,
    enum presence_change change, const struct buf *items, int64_t ends)
{
	struct scope scope = { SCOPE_ROOM, room->id.n };
	struct buf data = BUF_INIT;
	int64_t count;
	enum db_rc rc;

	rc = rooms_online(db, room->id, &count);
	if (rc != DB_OK)
		return rc;
	buf_addf(
	    &data, "{\"room\":\"%s\",\"%s\":[", room->name.s, changes[change]);
	buf_add(&data, items->p, items->len);
	buf_addf(&data, "],\"count\":%lld}", (long long)count);
	rc = events_append(db, scope, EVENT_PRESENCE, &data, ends);
	buf_done(&data);
	return rc;
}

enum db_rc
presence_events_announce(struct db *db, const struct room *room)
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
