#include "api/http/health.h"

#include "db/base/version.h"
#include "db/engine/migrations.h"
#include "db/engine/storage.h"

struct reply
health_reply(struct db *db, int64_t streams)
{
	enum storage storage = store_probe(db);
	int fine = storage == STORAGE_OK;
	struct reply reply = reply_json(fine ? 200 : 503);

	buf_addf(&reply.body,
	    "{\"status\":\"%s\",\"storage\":\"%s\",\"schema\":%d,"
	    "\"version\":\"%s\"",
	    fine ? "ok" : "degraded", storage_name(storage), store_schema,
	    PARLOR_VERSION);
	if (streams != HEALTH_NO_STREAMS)
		buf_addf(&reply.body, ",\"streams\":%lld", (long long)streams);
	buf_addc(&reply.body, '}');
	return reply;
}
