/*
 * encoding: UTF-8 validation (RFC 3629).  It accepts no surrogates, no longer
 * form than needed, and nothing beyond U+10FFFF.
 */
#ifndef POLLER_PROTO_ENCODING_H
#define POLLER_PROTO_ENCODING_H

#include <stddef.h>

int encoding_is_utf8(const char *text, size_t len);

#endif
