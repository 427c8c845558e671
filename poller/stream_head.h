/*
 * stream_head: the head of an HTTP answer that the hub writes.
 */
#ifndef POLLER_STREAM_HEAD_H
#define POLLER_STREAM_HEAD_H

#include "db/base/buf.h"
#include "api/feed/subscription.h"

/* Adds status line and headers; the caller may add more, and ends them. */
void stream_head_add(
    struct buf *, const struct protocol *, const struct cors *);

#endif
