#include "api/access.h"
#include "api/call.h"
#include "db/base/clock.h"
#include "db/base/settings.h"
#include "db/chat/tickets.h"
#include "db/chat/user_end.h"
#include "db/chat/my_rooms.h"
#include "db/rows/events.h"
#include "db/rows/steady.h"
#include "db/rows/users.h"

enum { MS_PER_S = 1000 };

struct profile {
	struct user_id user;
	struct buf *to;
};

/* The list and the cursor of the same moment. */
static enum db_rc
describe(struct db *db, void *arg)
{
	struct profile *p = arg;
	int64_t messages = 0, notifications = 0;
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	buf_adds(p->to, "{\"user\":");
	if (rc == DB_OK)
		rc = users_add_json(db, p->user, p->to, &notifications);
	if (rc == DB_OK)
		rc = my_rooms_unread(db, p->user, &messages);
	buf_addf(p->to,
	    ",\"unread\":{\"messages\":%lld,\"notifications\":%lld}",
	    (long long)messages, (long long)notifications);
	buf_adds(p->to, ",\"cursor\":");
	if (rc == DB_OK)
		call_add_cursor(p->to, &log);
	buf_addc(p->to, '}');
	return rc;
}

struct reply
me_read(struct call *call)
{
	struct reply reply = reply_json(200);
	struct profile profile = { call->user, &reply.body };
	enum db_rc rc = db_read(call->db, describe, &profile);

	return reply_if(rc, reply, PROBLEM_NONE);
}

static enum db_rc
forget(struct db *db, void *arg)
{
	const struct call *call = arg;

	return user_end_forget(db, call->user);
}

struct reply
me_forget(struct call *call)
{
	enum problem why = PROBLEM_NONE;
	enum db_rc rc = access_write(call, forget, call, &why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, why);
}

struct reply
tickets_post(struct call *call)
{
	int64_t now = clock_wall(), left = call->caller.expires - now;
	int64_t life = call->settings->ticket_seconds * MS_PER_S;
	struct ticket ticket = { .user = call->user,
		.ends = call->caller.expires };
	struct reply reply;
	enum db_rc rc;

	if (ticket.ends != 0 && left < life)
		life = left;
	ticket.expires = steady_now(call->db) + life;
	reply = reply_json(201);
	buf_adds(&reply.body, "{\"ticket\":\"");
	rc = tickets_make(call->db, &ticket, &reply.body);
	buf_adds(&reply.body, "\",\"expires_at\":\"");
	clock_add_rfc3339(&reply.body, now + life);
	buf_adds(&reply.body, "\"}");
	return reply_if(rc, reply, PROBLEM_NONE);
}
