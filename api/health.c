#include "api/call.h"
#include "api/openapi.h"
#include "db/base/version.h"

static const char version[] = PARLOR_VERSION;

struct reply
health_read(struct call *call)
{
	struct reply reply;
	struct log_state log;
	enum db_rc rc = events_state(call->db, &log);

	if (rc != DB_OK)
		return reply_problem(PROBLEM_BUSY);
	reply = reply_json(200);
	buf_addf(&reply.body,
	    "{\"status\":\"ok\",\"schema\":%d,\"version\":\"%s\"}",
	    store_schema, version);
	return reply;
}

struct reply
openapi_read(struct call *call)
{
	struct reply reply = reply_json(200);

	(void)call;
	buf_add(&reply.body, api_openapi_json, api_openapi_json_len);
	return reply;
}
