#include "db/bans.h"

#include "api/call.h"
#include "db/base/uri.h"

enum { LIST_DEFAULT = 200, LIST_MAX = 500 };

struct listing {
	struct call *call;
	const char *after;
	int limit;
	struct buf *to;
};

static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	struct room_id room = l->call->room.id;
	struct chatter after = { .id = { 0 } };
	enum db_rc rc = DB_OK;
	int more;

	if (l->after != NULL)
		rc = chatters_by_name(db, room, l->after, &after);
	buf_adds(l->to, "{\"bans\":[");
	if (rc == DB_OK)
		rc = bans_add_list(db, room, after.id, l->limit, l->to, &more);
	if (rc == DB_OK)
		buf_addf(l->to, "],\"has_more\":%s}", more ? "true" : "false");
	return rc;
}

struct reply
bans_list(struct call *call)
{
	struct buf after = BUF_INIT;
	struct reply reply = reply_json(200);
	struct listing l = { .call = call, .to = &reply.body };
	int64_t limit = LIST_DEFAULT;
	enum db_rc rc = DB_CONFLICT;

	if (call_number(call, "limit", 1, LIST_MAX, &limit) == 0 &&
	    uri_param(call->query, "after", &after) != URI_BAD) {
		l.after = after.len > 0 ? buf_str(&after) : NULL;
		l.limit = (int)limit;
		rc = db_read(call->db, list, &l);
	}
	buf_done(&after);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}

static enum db_rc
lift(struct db *db, void *arg)
{
	struct call *call = arg;
	struct chatter c;
	enum db_rc rc = chatters_by_name(
	    db, call->room.id, call->params[PARAM_CHATTER], &c);

	return rc == DB_OK ? bans_lift(db, &c) : rc;
}

struct reply
bans_remove(struct call *call)
{
	enum problem why = PROBLEM_NONE;
	enum db_rc rc = call_write(call, lift, call, &why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, why);
}
