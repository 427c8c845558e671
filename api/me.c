#include "api/call.h"
#include "db/base/clock.h"
#include "db/base/settings.h"
#include "db/presence.h"
#include "db/users.h"

struct reply
me_read(struct call *call)
{
	struct reply reply = reply_json(200);
	int64_t unread = 0;
	enum db_rc rc;

	buf_adds(&reply.body, "{\"user\":");
	rc = users_add_json(call->db, call->user, &reply.body, &unread);
	buf_addf(&reply.body, ",\"unread\":{\"notifications\":%lld}}",
	    (long long)unread);
	return reply_if(rc, reply, PROBLEM_NONE);
}

static enum db_rc
leave(struct db *db, const struct chatter *me)
{
	struct room room;
	enum db_rc rc = rooms_get(db, me->room, &room);

	return rc == DB_OK ? presence_leave(db, &room, me, LEAVE_LEFT) : rc;
}

/* The streams end first: so that they hear why, and not the rooms go. */
static enum db_rc
forget(struct db *db, void *arg)
{
	const struct call *call = arg;
	struct chatter me = { .id = { 0 } };
	enum db_rc rc = users_forget(db, call->user);

	while (rc == DB_OK) {
		rc = chatters_next_of_user(db, call->user, me.id, &me);
		if (rc == DB_OK)
			rc = leave(db, &me);
	}
	return rc == DB_NONE ? DB_OK : rc;
}

struct reply
me_forget(struct call *call)
{
	enum db_rc rc;

	if (call->key.n != 0)
		return reply_problem(PROBLEM_FORBIDDEN);
	rc = db_write(call->db, forget, call);
	return rc == DB_OK ? reply_empty(204) : reply_db(rc, PROBLEM_NONE);
}

struct reply
tickets_post(struct call *call)
{
	struct ticket ticket = { call->user,
		clock_wall() + call->api->settings->ticket_seconds * 1000,
		call->caller.expires };
	struct reply reply;
	enum db_rc rc;

	if (call->key.n != 0)
		return reply_problem(PROBLEM_FORBIDDEN);
	if (ticket.ends != 0 && ticket.ends < ticket.expires)
		ticket.expires = ticket.ends;
	reply = reply_json(201);
	buf_adds(&reply.body, "{\"ticket\":\"");
	rc = tickets_make(call->db, &ticket, &reply.body);
	buf_adds(&reply.body, "\",\"expires_at\":\"");
	clock_add_rfc3339(&reply.body, ticket.expires);
	buf_adds(&reply.body, "\"}");
	return reply_if(rc, reply, PROBLEM_NONE);
}
