/*
 * json: jansson values as text, compact and in the order of packing.
 *
 * A value that cannot be made is a broken promise (text from outside has been
 * checked to be UTF-8 when it came in), so the process ends.
 *
 * U+0085, U+2028 and U+2029 are written as escapes.  JSON allows them as they
 * are, but many line readers end a line there, and so cut a frame of a stream
 * or a line of NDJSON in two.
 */
#ifndef DB_ROWS_JSON_H
#define DB_ROWS_JSON_H

#include <jansson.h>

#include "db/base/buf.h"

/*
 * Adds TEXT, which is UTF-8, as a string, without a json_t: messages are made
 * of such strings.
 */
void json_add_text(struct buf *, const char *text);

/* Adds LEN bytes of JSON text with those characters escaped. */
void json_add(struct buf *, const char *json, size_t len);

/* Adds VALUE's text to the buffer and takes the reference. */
void json_put(json_t *value, struct buf *);

#endif
