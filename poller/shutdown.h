/*
 * shutdown: ends the process if a stop takes longer than `stop_ms`.
 *
 * Each part of the daemon has its share of that time, counted from the signal,
 * and breaks off its own slow work.  If something hangs in spite of that, the
 * process exits: nothing lives only in memory.
 */
#ifndef POLLER_SHUTDOWN_H
#define POLLER_SHUTDOWN_H

#include "db/base/settings.h"

/* By when a part must have ended, in eighths of that time. */
enum shutdown_part {
	SHUTDOWN_REQUESTS = 6,
	SHUTDOWN_STREAMS = 7,
	SHUTDOWN_ALL = 8
};

/* In ms, from the signal on. */
int64_t shutdown_share(const struct settings *, enum shutdown_part);

struct shutdown;

/* The stop begins now; the process ends in time in any case. */
struct shutdown *shutdown_begin(const struct settings *);

/* Everything has ended in time; NULL is allowed. */
void shutdown_done(struct shutdown *);

#endif
