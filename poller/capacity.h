/*
 * capacity: how many connections and streams there may be, as the settings say
 * and the limit of open files allows.
 *
 * Each takes a descriptor.  If descriptors allow less than the settings, one
 * address gets at most a quarter of that, so that it cannot keep out all others;
 * unless its setting is 0.  Safe from any thread.
 */
#ifndef POLLER_CAPACITY_H
#define POLLER_CAPACITY_H

#include "db/base/settings.h"

struct capacity {
	int64_t files; /* that may be open */
	int64_t connections; /* without streams */
	int64_t connections_per_address; /* 0: no limit */
	int64_t streams;
	int64_t streams_per_address; /* 0: no limit */
};

/* What FILES descriptors allow. */
struct capacity capacity_of(const struct settings *, int64_t files);

/* Logs a line if that is less than the settings say. */
void capacity_log(const struct capacity *, const struct settings *);

#endif
