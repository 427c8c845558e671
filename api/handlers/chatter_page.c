#include "api/handlers/chatter_page.h"

#include "api/http/uri.h"

struct listing {
	struct chatter_page page;
	const char *after; /* a chatter's name; NULL: none */
	db_fn add;
};

static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	struct chatter after = { .id = { 0 } };
	enum db_rc rc = DB_OK;

	if (l->after != NULL)
		rc = chatters_by_name(
		    db, l->page.call->room.id, l->after, &after);
	l->page.after = after.id;
	return rc == DB_OK ? l->add(db, &l->page) : rc;
}

struct reply
chatter_page_list(struct call *call, db_fn add)
{
	struct buf after = BUF_INIT;
	struct reply reply = reply_json(200);
	struct listing l = { .page = { .call = call, .to = &reply.body },
		.add = add };
	int64_t limit = CHATTER_PAGE_DEFAULT;
	enum db_rc rc = DB_CONFLICT;

	if (call_number(call, "limit", 1, CHATTER_PAGE_MAX, &limit) == 0 &&
	    uri_param(call->query, "after", &after) != URI_BAD) {
		l.after = after.len > 0 ? buf_str(&after) : NULL;
		l.page.limit = (int)limit;
		rc = db_read(call->db, list, &l);
	}
	buf_done(&after);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}
