#include "db/chat/room_events.h"

#include "db/rows/events.h"

enum db_rc
room_events_tell(
    struct db *db, struct room_id id, const struct buf *room_json, int64_t ends)
{
	struct scope scope = { SCOPE_ROOM, id.n };
	int deleted = ends == EVENT_ENDS_ALL;
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_adds(&data, "{\"room\":");
	buf_add(&data, room_json->p, room_json->len);
	buf_adds(&data, deleted ? ",\"deleted\":true}" : "}");
	rc = deleted ?
	    events_append_rewriting(db, scope, EVENT_ROOM, &data, ends, 0) :
	    events_append(db, scope, EVENT_ROOM, &data, ends);
	buf_done(&data);
	return rc;
}
