#include "poller/metrics.h"

#include <inttypes.h>

#include "db/engine/storage.h"
#include "poller/hub.h"
#include "poller/connection_quota.h"
#include "poller/deadline.h"
#include "poller/request_quota.h"
#include "poller/stream_quota.h"

static void
add_all(const struct service *service, struct buf *b)
{
	struct store_counts store;
	struct hub_counts hub;
	struct request_quota_counts requests;
	enum storage storage = store_storage(service->store);

	request_quota_count(service->requests, &requests);
	hub_count(service->hub, &hub);
	store_count(service->store, &store);
#define METRIC(name, type, value, meaning)                                \
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, \
	    meaning, name, type, name, (uint64_t)(value));
#include "poller/metrics.def"
#undef METRIC
}

enum MHD_Result
metrics_answer(struct exchange *x)
{
	struct buf body = BUF_INIT;

	add_all(x->service, &body);
	return exchange_text(x, "text/plain; version=0.0.4", &body);
}
