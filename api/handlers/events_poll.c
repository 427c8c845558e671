#include "api/call.h"
#include "api/feed/catchup.h"

/*
 * No process is kept for a stream: the stream ends, and the client reconnects.
 */
struct reply
feed_poll(struct call *call)
{
	const struct request *r = call->request;
	struct credentials sent = credentials_of(&r->headers, &call->cors);
	struct catchup c = {
		.asked = { .protocols = protocols_http,
		    .query = call->query,
		    .token = credentials_token(&sent),
		    .cookie = sent.cookie,
		    .accept = r->headers.accept,
		    .last_event_id = r->headers.last_event_id,
		    .at_once = 1 },
		.settings = call->settings,
		.eager = 1,
	};
	enum db_rc rc = catchup_check(call->db, &c);
	struct reply reply;

	if (rc == DB_OK && r->method != METHOD_HEAD)
		rc = catchup_enter(call->db, &c);
	if (rc == DB_OK)
		rc = catchup_answer(call->db, &c);
	if (rc != DB_OK) {
		buf_done(&c.body);
		return reply_db(rc, c.why);
	}
	reply = reply_json(200);
	reply.type = c.sub.protocol->type;
	reply.streamed = c.sub.protocol->shape == PROTOCOL_STREAM;
	reply.body = c.body;
	if (r->method != METHOD_HEAD)
		reply.handed = catchup_handed(call->db, &c);
	return reply;
}
