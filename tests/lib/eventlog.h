/*
 * eventlog: what the log of events holds.
 * A failure here fails the test.
 */
#ifndef TESTS_LIB_EVENTLOG_H
#define TESTS_LIB_EVENTLOG_H

#include "db/base/buf.h"
#include "db/rows/rooms.h"
#include "tests/lib/fixture.h"

/* The seq of the last event. */
int64_t eventlog_head(struct fixture *f);

/* Replaces LINES by the events after SEQ, each a line of "kind ends data". */
void eventlog_lines(struct fixture *f, int64_t seq, struct buf *lines);

/* How often TEXT occurs in those lines. */
int eventlog_count(struct fixture *f, int64_t seq, const char *text);

#endif
