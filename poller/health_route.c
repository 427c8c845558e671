#include "poller/health_route.h"

#include "api/http/health.h"
#include "poller/stream_quota.h"

enum MHD_Result
health_route_answer(struct exchange *x)
{
	struct db *db = store_db(x->service->store);
	struct reply reply;

	if (db == NULL)
		return exchange_problem(x, PROBLEM_BUSY);
	reply = health_reply(db, stream_quota_total(x->service->quota));
	store_rest(x->service->store);
	return exchange_reply(x, &reply);
}
