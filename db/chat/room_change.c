#include "db/chat/room_change.h"

#include "db/chat/room_events.h"
#include "db/rows/events.h"

enum db_rc
room_change(
    struct db *db, const struct room *room, const struct room_draft *draft)
{
	int reopens = rooms_expired(room) && draft->expires >= 0 &&
	    !rooms_is_past(draft->expires);
	struct buf json = BUF_INIT;
	enum db_rc rc = rooms_update(db, room->id, draft);

	if (rc == DB_OK)
		rc = rooms_add_json(db, room->id, &json);
	if (rc == DB_OK)
		rc = room_events_tell(db, room->id, &json,
		    reopens ? EVENT_ENDS_REOPENED : EVENT_ENDS_NOBODY);
	buf_done(&json);
	return rc;
}
