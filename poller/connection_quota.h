/*
 * connection_quota: how many connections an address may have at the same time.
 *
 * A connection counts from when it is accepted until it is closed or the hub
 * takes it over, which counts it as a stream (stream_quota).  Safe from any
 * thread.
 */
#ifndef POLLER_CONNECTION_QUOTA_H
#define POLLER_CONNECTION_QUOTA_H

#include <stdint.h>

struct connection_quota;

/* At most MOST for an address; 0: no limit. */
struct connection_quota *connection_quota_open(int64_t most);
void connection_quota_close(struct connection_quota *);

/*
 * Counts a connection from ADDRESS (client_addr.h; 0: not limited).  -1: that
 * address has as many as it may, and the refusal is counted instead.
 */
int connection_quota_take(struct connection_quota *, uint64_t address)
    __attribute__((warn_unused_result));
void connection_quota_give(struct connection_quota *, uint64_t address);

/* Connections refused so far. */
uint64_t connection_quota_refused(const struct connection_quota *);

#endif
