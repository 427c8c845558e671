#include "api/call.h"
#include "api/http/health.h"
#include "api/openapi.h"

struct reply
health_read(struct call *call)
{
	struct log_state log;

	if (events_state(call->db, &log) != DB_OK)
		return reply_problem(PROBLEM_BUSY);
	return health_reply(call->db, HEALTH_NO_STREAMS);
}

struct reply
openapi_read(struct call *call)
{
	struct reply reply = reply_json(200);

	(void)call;
	buf_add(&reply.body, api_openapi_json, api_openapi_json_len);
	return reply;
}
