#include "db/rows/bans.h"

#include "api/access.h"
#include "api/handlers/chatter_page.h"

static enum db_rc
list(struct db *db, void *arg)
{
	struct chatter_page *p = arg;
	enum db_rc rc;
	int more;

	buf_adds(p->to, "{\"bans\":[");
	rc = bans_add_list(
	    db, p->call->room.id, p->after, p->limit, p->to, &more);
	if (rc == DB_OK)
		buf_addf(p->to, "],\"has_more\":%s}", more ? "true" : "false");
	return rc;
}

struct reply
bans_list(struct call *call)
{
	return chatter_page_list(call, list);
}

static enum db_rc
lift(struct db *db, void *arg)
{
	struct call *call = arg;
	struct chatter c;
	enum db_rc rc = chatters_by_name(
	    db, call->room.id, call->params[PARAM_CHATTER], &c);

	return rc == DB_OK ? bans_lift(db, c.room, c.user) : rc;
}

struct reply
bans_remove(struct call *call)
{
	enum problem why = PROBLEM_NONE;
	enum db_rc rc = access_write(call, lift, call, &why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, why);
}
