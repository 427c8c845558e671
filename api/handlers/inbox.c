#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "db/base/clock.h"
#include "api/http/uri.h"
#include "db/chat/notify.h"
#include "db/rows/users.h"

enum { PAGE_DEFAULT = 50 };

struct listing {
	struct call *call;
	struct inbox_page page;
	struct buf *to;
};

static void
add_unread(struct buf *b, int64_t unread)
{
	buf_adds(b, "\"unread\":");
	buf_addi(b, unread);
}

/* The list and the cursor of the same moment. */
static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	struct user_id user = l->call->user;
	struct log_state log;
	int64_t unread = 0;
	enum db_rc rc;
	int more = 0;

	rc = events_state(db, &log);
	buf_adds(l->to, "{\"notifications\":[");
	if (rc == DB_OK)
		rc = notifications_add_page(db, user, &l->page, l->to, &more);
	if (rc == DB_OK)
		rc = users_unread(db, user, &unread);
	buf_adds(l->to, "],");
	add_unread(l->to, unread);
	buf_addf(
	    l->to, ",\"has_more\":%s,\"cursor\":", more ? "true" : "false");
	if (rc == DB_OK)
		call_add_cursor(l->to, &log);
	buf_addc(l->to, '}');
	return rc;
}

/* Reads the query's `before`, a time as we write it.  0; -1: malformed. */
static int
read_before(const struct call *call, int64_t *before)
{
	struct buf text = BUF_INIT;
	enum uri_rc rc = uri_param(call->query, "before", &text);
	int ok = rc == URI_NONE ||
	    (rc == URI_OK && clock_parse_rfc3339(buf_str(&text), before) == 0);

	buf_done(&text);
	return ok ? 0 : -1;
}

/* 0; -1: the query is malformed. */
static int
read_page(const struct call *call, struct inbox_page *page)
{
	int64_t limit = PAGE_DEFAULT, unread = 0;

	page->before = INT64_MAX;
	if (call_number(call, "limit", 1, NOTIFICATIONS_LIMIT_MAX, &limit) !=
		0 ||
	    call_number(call, "unread", 0, 1, &unread) != 0 ||
	    read_before(call, &page->before) != 0)
		return -1;
	page->limit = (int)limit;
	page->which = unread ? WHICH_UNREAD : WHICH_ALL;
	return 0;
}

struct reply
inbox_list(struct call *call)
{
	struct reply reply = reply_json(200);
	struct listing l = { .call = call, .to = &reply.body };
	enum db_rc rc = DB_CONFLICT;

	if (read_page(call, &l.page) == 0)
		rc = db_read(call->db, list, &l);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}

static struct reply
show_unread(int64_t unread)
{
	struct reply reply = reply_json(200);

	buf_addc(&reply.body, '{');
	add_unread(&reply.body, unread);
	buf_addc(&reply.body, '}');
	return reply;
}

struct reply
inbox_count(struct call *call)
{
	int64_t unread;
	enum db_rc rc = users_unread(call->db, call->user, &unread);

	return rc == DB_OK ? show_unread(unread) : reply_db(rc, PROBLEM_NONE);
}

struct change {
	struct call *call;
	struct notification_id id;
	int64_t upto;
	int64_t unread; /* afterward */
	struct buf *json;
};

static struct notification_id
named(const struct call *call)
{
	const char *text = call->params[PARAM_NOTIFICATION];

	return (struct notification_id){ strtoll(text, NULL, 10) };
}

static enum db_rc
mark(struct db *db, void *arg)
{
	struct change *c = arg;
	struct user_id user = c->call->user;
	enum db_rc rc = notify_read(db, user, c->id, c->json);

	return rc == DB_OK ? users_unread(db, user, &c->unread) : rc;
}

struct read_body {
	int64_t read;
};

static const struct field read_fields[] = {
	{ "read", FIELD_BOOL, FIELD_REQUIRED, offsetof(struct read_body, read),
	    NULL, 0, 0 },
};

struct reply
inbox_patch(struct call *call)
{
	struct change c = { .call = call, .id = named(call) };
	struct read_body b = { 0 };
	enum problem why = PROBLEM_NONE;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, read_fields, 1, &b, &reply))
		return reply;
	if (!b.read)
		return reply_field("read", "must be true");
	reply = reply_json(200);
	c.json = &reply.body;
	buf_adds(&reply.body, "{\"notification\":");
	rc = access_write(call, mark, &c, &why);
	buf_addc(&reply.body, ',');
	add_unread(&reply.body, c.unread);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, why);
}

static enum db_rc
drop(struct db *db, void *arg)
{
	struct change *c = arg;

	return notify_delete(db, c->call->user, c->id);
}

struct reply
inbox_delete(struct call *call)
{
	struct change c = { .call = call, .id = named(call) };
	enum problem why = PROBLEM_NONE;
	enum db_rc rc = access_write(call, drop, &c, &why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, why);
}

struct upto_body {
	const char *upto;
};

static const struct field upto_fields[] = {
	{ "upto", FIELD_TEXT, FIELD_OPTIONAL, offsetof(struct upto_body, upto),
	    NULL, 0, 0 },
};

static enum db_rc
mark_all(struct db *db, void *arg)
{
	struct change *c = arg;
	struct user_id user = c->call->user;
	enum db_rc rc = notify_read_all(db, user, c->upto);

	return rc == DB_OK ? users_unread(db, user, &c->unread) : rc;
}

struct reply
inbox_read_all(struct call *call)
{
	struct change c = { .call = call, .upto = INT64_MAX };
	struct upto_body b = { NULL };
	enum problem why = PROBLEM_NONE;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, upto_fields, 1, &b, &reply))
		return reply;
	if (b.upto != NULL && clock_parse_rfc3339(b.upto, &c.upto) != 0)
		return reply_field(
		    "upto", "must be a time like 2026-11-20T09:30:00Z");
	rc = access_write(call, mark_all, &c, &why);
	return rc == DB_OK ? show_unread(c.unread) : reply_db(rc, why);
}
