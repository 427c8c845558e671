#include "db/chat/unread.h"

#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "api/http/uri.h"
#include "db/chat/my_rooms.h"

enum { ROOMS_DEFAULT = 50 };

struct read_body {
	int64_t message;
};

static const struct field fields[] = {
	{ "message", FIELD_NUMBER, FIELD_REQUIRED,
	    offsetof(struct read_body, message), NULL, 0, INT64_MAX },
};

struct reading {
	struct call *call;
	struct message_id message;
	struct buf *json;
};

static enum db_rc
mark(struct db *db, void *arg)
{
	struct reading *r = arg;
	struct chatter_id me = r->call->me.id;

	return unread_read(db, &r->call->room, me, r->message, r->json);
}

struct reply
unread_put(struct call *call)
{
	struct read_body b = { 0 };
	struct reading r = { .call = call };
	enum problem why = PROBLEM_NONE;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, fields, 1, &b, &reply))
		return reply;
	reply = reply_json(200);
	r.message.n = b.message;
	r.json = &reply.body;
	buf_adds(&reply.body, "{\"read\":");
	rc = access_write(call, mark, &r, &why);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, why);
}

/* Reads "<ms>-<room>", as in a page's `next`.  0; -1: malformed. */
static int
read_place(const char *text, struct my_rooms_place *place)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 15 || text[digits] != '-')
		return -1;
	place->at = strtoll(text, NULL, 10);
	return ids_read_room(text + digits + 1, &place->room);
}

struct listing {
	struct call *call;
	struct my_rooms_place place;
	int64_t limit;
	struct buf *to;
};

static void
add_next(struct buf *b, const struct my_rooms_place *place, int more)
{
	buf_addf(b, ",\"has_more\":%s,\"next\":", more ? "true" : "false");
	if (more)
		buf_addf(b, "\"%lld-%s\"", (long long)place->at, place->room.s);
	else
		buf_adds(b, "null");
}

/* The list and the cursor of the same moment. */
static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	struct user_id user = l->call->user;
	struct log_state log;
	int64_t unread = 0;
	int more = 0;
	enum db_rc rc = events_state(db, &log);

	buf_adds(l->to, "{\"rooms\":[");
	if (rc == DB_OK)
		rc = my_rooms_add(
		    db, user, (int)l->limit, &l->place, l->to, &more);
	if (rc == DB_OK)
		rc = my_rooms_unread(db, user, &unread);
	buf_addf(l->to, "],\"unread\":%lld", (long long)unread);
	add_next(l->to, &l->place, more);
	buf_adds(l->to, ",\"cursor\":");
	if (rc == DB_OK)
		call_add_cursor(l->to, &log);
	buf_addc(l->to, '}');
	return rc;
}

static int
read_query(const struct call *call, struct listing *l)
{
	struct buf before = BUF_INIT;
	enum uri_rc found = uri_param(call->query, "before", &before);
	int ok = found == URI_NONE ||
	    (found == URI_OK && read_place(buf_str(&before), &l->place) == 0);

	buf_done(&before);
	return ok ?
	    call_number(call, "limit", 1, MY_ROOMS_LIMIT_MAX, &l->limit) :
	    -1;
}

struct reply
unread_rooms(struct call *call)
{
	struct reply reply = reply_json(200);
	struct listing l = { .call = call,
		.place = { .at = INT64_MAX },
		.limit = ROOMS_DEFAULT,
		.to = &reply.body };
	enum db_rc rc = DB_CONFLICT;

	if (read_query(call, &l) == 0)
		rc = db_read(call->db, list, &l);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}
