#include "db/chat/edit.h"

#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "api/handlers/sending.h"
#include "db/text/text.h"

enum { PAGE_DEFAULT = 50 };

struct message_body {
	const char *content;
	const char *type;
	const char *client_id;
};

#define AT(member) offsetof(struct message_body, member)
static const struct field fields[] = {
	{ "content", FIELD_LINES, FIELD_REQUIRED, AT(content),
	    text_check_content, 0, 0 },
	{ "type", FIELD_TEXT, FIELD_OPTIONAL, AT(type), sending_check_type, 0,
	    0 },
	{ "client_id", FIELD_TEXT, FIELD_OPTIONAL, AT(client_id),
	    sending_check_client_id, 0, 0 },
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

struct reply
messages_post(struct call *call)
{
	struct message_body b = { NULL, "message",
		call->request->headers.idempotency_key };
	struct sending s = { .call = call };
	struct reply reply;
	const char *why;
	enum db_rc rc;

	if (b.client_id != NULL &&
	    (why = sending_check_client_id(b.client_id)) != NULL)
		return reply_field("Idempotency-Key", why);
	if (!body_take(call->body, fields, N_FIELDS, &b, &reply))
		return reply;
	s.draft = (struct message_draft){ .content = b.content,
		.client_id = b.client_id,
		.type = strcmp(b.type, "alert") == 0 ? MESSAGE_ALERT :
						       MESSAGE_PLAIN };
	rc = access_write_sender(call, sending_send, &s, &s.why);
	return sending_reply(&s, rc);
}

struct listing {
	struct call *call;
	struct page page;
	struct buf *to;
};

static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	struct log_state log;
	enum db_rc rc;
	int more = 0;

	rc = events_state(db, &log);
	buf_adds(l->to, "{\"messages\":[");
	if (rc == DB_OK)
		rc = messages_add_page(
		    db, l->call->room.id, &l->page, l->to, &more);
	buf_addf(
	    l->to, "],\"has_more\":%s,\"cursor\":", more ? "true" : "false");
	if (rc == DB_OK)
		call_add_cursor(l->to, &log);
	buf_addc(l->to, '}');
	return rc;
}

/* 0; -1: the query is malformed or contradicts itself. */
static int
read_page(const struct call *call, struct page *page)
{
	int64_t before = -1, after = -1, limit = PAGE_DEFAULT;

	if (call_number(call, "limit", 1, MESSAGES_LIMIT_MAX, &limit) != 0 ||
	    call_number(call, "before", 0, INT64_MAX, &before) != 0 ||
	    call_number(call, "after", 0, INT64_MAX, &after) != 0 ||
	    (before >= 0 && after >= 0))
		return -1;
	*page = (struct page){ PAGE_NEWEST, { 0 }, (int)limit };
	if (before >= 0)
		*page = (struct page){ PAGE_BEFORE, { before }, (int)limit };
	if (after >= 0)
		*page = (struct page){ PAGE_AFTER, { after }, (int)limit };
	return 0;
}

struct reply
messages_list(struct call *call)
{
	struct reply reply = reply_json(200);
	struct listing l = { .call = call, .to = &reply.body };
	enum db_rc rc = DB_CONFLICT;

	if (read_page(call, &l.page) == 0)
		rc = db_read(call->db, list, &l);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}

/* Reads the message id of the path; 0: malformed. */
static struct message_id
named(const struct call *call)
{
	const char *text = call->params[PARAM_MESSAGE];
	struct message_id id = { 0 };

	if (strlen(text) <= 18 && text[strspn(text, "0123456789")] == '\0')
		id.n = strtoll(text, NULL, 10);
	return id;
}

struct reply
messages_read(struct call *call)
{
	struct message_id id = named(call);
	struct reply reply = reply_json(200);
	enum db_rc rc = DB_NONE;

	buf_adds(&reply.body, "{\"message\":");
	if (id.n > 0)
		rc =
		    messages_add_json(call->db, call->room.id, id, &reply.body);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, PROBLEM_NONE);
}

struct changing {
	struct call *call;
	struct message_change change;
	struct buf *json;
	enum problem why;
};

static struct changing
changing(struct call *call)
{
	return (struct changing){ .call = call,
		.change = { .user = call->user,
		    .key = call->key,
		    .message = named(call),
		    .within = call->settings->edit_ms } };
}

static enum changer
changer(const struct call *call)
{
	return access_rank(call) == ROLE_OWNER ? CHANGER_SUPERVISOR :
						 CHANGER_PERSON;
}

static enum db_rc
edit(struct db *db, void *arg)
{
	struct changing *c = arg;

	c->change.as = changer(c->call);
	return edit_message(db, &c->call->room, &c->change, c->json, &c->why);
}

struct reply
messages_patch(struct call *call)
{
	/* The first field is the content. */
	enum { ONLY_CONTENT = 1 };
	struct message_body b = { 0 };
	struct changing c = changing(call);
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, fields, ONLY_CONTENT, &b, &reply))
		return reply;
	reply = reply_json(200);
	c.change.content = b.content;
	c.json = &reply.body;
	buf_adds(&reply.body, "{\"message\":");
	rc = access_write(call, edit, &c, &c.why);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, c.why);
}

static enum db_rc
erase(struct db *db, void *arg)
{
	struct changing *c = arg;

	c->change.as = changer(c->call);
	return edit_delete(db, &c->call->room, &c->change, &c->why);
}

struct reply
messages_remove(struct call *call)
{
	struct changing c = changing(call);
	enum db_rc rc = access_write(call, erase, &c, &c.why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, c.why);
}
