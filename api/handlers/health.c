#include "api/call.h"
#include "api/openapi.h"
#include "db/base/version.h"
#include "db/engine/migrations.h"
#include "db/engine/storage.h"

static const char version[] = PARLOR_VERSION;

struct reply
health_read(struct call *call)
{
	struct reply reply;
	struct log_state log;
	enum storage storage;

	if (events_state(call->db, &log) != DB_OK)
		return reply_problem(PROBLEM_BUSY);
	storage = store_probe(call->db);
	reply = reply_json(storage == STORAGE_OK ? 200 : 503);
	buf_addf(&reply.body,
	    "{\"status\":\"%s\",\"storage\":\"%s\",\"schema\":%d,"
	    "\"version\":\"%s\"}",
	    storage == STORAGE_OK ? "ok" : "degraded", storage_name(storage),
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
