/*
 * uri: a request's target (RFC 3986), read strictly.
 *
 * Only the raw target is the same behind every front, so it is decoded here.  A
 * target that two parsers could read differently is refused: control bytes, %00
 * %0a %0d %2f, "//" and "." or ".." segments, bytes outside ASCII.
 */
#ifndef API_HTTP_URI_H
#define API_HTTP_URI_H

#include <stddef.h>

#include "db/base/buf.h"

/*
 * 0 when every parser reads the raw TARGET ("/path?query", at most 8192 bytes)
 * alike; else -1.
 */
int uri_check(const char *target) __attribute__((warn_unused_result));

/* Bytes of TARGET that are path: up to '?' or the end. */
size_t uri_path_len(const char *target);

/* The text after '?', or "". */
const char *uri_query(const char *target);

/*
 * Adds TARGET in its normal form, before it is checked: without escapes of
 * unreserved characters in the path (RFC 3986 section 6.2.2.2), and without
 * "http://host" before it (RFC 9112 section 3.2.2).
 */
void uri_add_normal(struct buf *, const char *target);

enum uri_rc { URI_OK, URI_NONE, URI_BAD };

/* Adds the decoded LEN bytes at SEGMENT, a part of a path, to VALUE. */
enum uri_rc uri_segment(const char *segment, size_t len, struct buf *value)
    __attribute__((warn_unused_result));

/*
 * Puts the decoded value of NAME in QUERY into VALUE (cleared first).
 * URI_NONE: not there, or empty.  URI_BAD: there twice, or badly encoded.
 */
enum uri_rc uri_param(const char *query, const char *name, struct buf *value)
    __attribute__((warn_unused_result));

#endif
