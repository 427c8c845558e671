/*
 * handshake: the opening handshake of WebSocket (RFC 6455 section 4.2).
 */
#ifndef POLLER_PROTO_HANDSHAKE_H
#define POLLER_PROTO_HANDSHAKE_H

#include "api/feed/protocol.h"

/* An upgrade function of api/feed/protocol.h. */
enum problem handshake_answer(protocol_header_fn, void *arg, struct buf *head)
    __attribute__((warn_unused_result));

/* Adds the answer to KEY, the value of Sec-WebSocket-Key. */
void handshake_add_accept(struct buf *, const char *key);

#endif
