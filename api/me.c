#include "api/call.h"
#include "db/base/clock.h"
#include "db/base/settings.h"
#include "db/users.h"

struct reply
me_read(struct call *call)
{
	struct reply reply;
	int64_t made;
	enum db_rc rc = users_made(call->db, call->user, &made);

	if (rc != DB_OK)
		return reply_db(rc, PROBLEM_NONE);
	reply = reply_json(200);
	buf_adds(&reply.body, "{\"user\":{\"created_at\":\"");
	clock_add_rfc3339(&reply.body, made);
	buf_adds(&reply.body, "\"}}");
	return reply;
}

struct reply
tickets_post(struct call *call)
{
	int64_t expires =
	    clock_wall() + call->api->settings->ticket_seconds * 1000;
	struct reply reply = reply_json(201);
	enum db_rc rc;

	buf_adds(&reply.body, "{\"ticket\":\"");
	rc = tickets_make(call->db, call->user, expires, &reply.body);
	buf_adds(&reply.body, "\",\"expires_at\":\"");
	clock_add_rfc3339(&reply.body, expires);
	buf_adds(&reply.body, "\"}");
	return reply_if(rc, reply, PROBLEM_NONE);
}
