/*
 * ending: a stop that takes no longer than settings stop_ms.
 *
 * Each part of the daemon has its share of that time, counted from the signal
 * on, and breaks off what is slow by itself.  What hangs in spite of that ends
 * with the process: nothing lives only in memory.
 */
#ifndef POLLER_ENDING_H
#define POLLER_ENDING_H

#include "db/base/settings.h"

/* How far into that time a part may go, in eighths. */
enum ending_part { ENDING_REQUESTS = 6, ENDING_STREAMS = 7, ENDING_ALL = 8 };

/* In ms, from the signal on. */
int64_t ending_share(const struct settings *, enum ending_part);

struct ending;

/* The stop begins now: the process ends in time whatever happens. */
struct ending *ending_begin(const struct settings *);

/* It has ended well; NULL is allowed. */
void ending_done(struct ending *);

#endif
