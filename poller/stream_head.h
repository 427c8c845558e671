/*
 * stream_head: the head of an HTTP answer that the hub writes.
 */
#ifndef POLLER_STREAM_HEAD_H
#define POLLER_STREAM_HEAD_H

#include "db/base/buf.h"
#include "api/feed/subscription.h"

/* Where the connection goes after the answer. */
enum stream_head { STREAM_HEAD_CLOSES, STREAM_HEAD_KEEPS };

/* Adds status line and headers; the caller may add more, and ends them. */
void stream_head_add(struct buf *, const struct protocol *, const struct cors *,
    enum stream_head);

#endif
