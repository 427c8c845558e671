/*
 * encoding: whether bytes are UTF-8 (RFC 3629): no surrogates, no longer form
 * than needed, nothing beyond U+10FFFF.
 */
#ifndef POLLER_PROTO_ENCODING_H
#define POLLER_PROTO_ENCODING_H

#include <stddef.h>

int encoding_is_utf8(const char *text, size_t len);

#endif
