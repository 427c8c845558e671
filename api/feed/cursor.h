/*
 * cursor: a position in the log, as `epoch-seq`.
 */
#ifndef API_FEED_CURSOR_H
#define API_FEED_CURSOR_H

#include "db/base/buf.h"
#include "db/rows/events.h"

void cursor_add(struct buf *, const char *epoch, int64_t seq);

/*
 * Reads one.  0; -1: not of that form.  *KNOWN: the epoch is LOG's.
 */
int cursor_read(const char *text, const struct log_state *log, int64_t *seq,
    int *known) __attribute__((warn_unused_result));

#endif
