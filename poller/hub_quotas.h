/*
 * hub_quotas: the counts of streams, and of the bytes that wait for them.
 *
 * Both are lent, and safe from any thread.
 */
#ifndef POLLER_HUB_QUOTAS_H
#define POLLER_HUB_QUOTAS_H

#include "poller/request_quota.h"
#include "poller/stream_quota.h"

struct hub_quotas {
	struct stream_quota *streams;
	struct request_quota *waiting;
};

#endif
