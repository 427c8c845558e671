/*
 * websocket: the protocol WebSocket (RFC 6455).
 *
 * Each message is a line of NDJSON without its end.  No extension is spoken, so
 * nothing is compressed.  A client's messages are texts of at most
 * WEBSOCKET_MESSAGE_MAX bytes; any violation of the rules is answered with a
 * close frame whose code names the rule.
 */
#ifndef POLLER_PROTO_WEBSOCKET_H
#define POLLER_PROTO_WEBSOCKET_H

#include "api/feed/protocol.h"

enum { WEBSOCKET_MESSAGE_MAX = 4096 };

extern const struct protocol websocket_protocol;

#endif
