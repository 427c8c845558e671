/*
 * body: reads a JSON object strictly, by a table of its fields.
 *
 * A field is refused if it is not in the table, has another type, or fails its
 * check; the answer names the field and the reason.
 */
#ifndef API_HTTP_BODY_H
#define API_HTTP_BODY_H

#include <jansson.h>
#include <stdint.h>

#include "api/http/reply.h"
#include "api/http/request.h"

enum field_type {
	FIELD_TEXT,
	FIELD_NAME, /* a text, cleaned first by names_add_clean */
	FIELD_LINES, /* a text, whose line breaks text_add_lines unifies */
	FIELD_TEXT_OR_NULL, /* null becomes "" */
	FIELD_NUMBER,
	FIELD_BOOL,
	FIELD_TIME,
	FIELD_OBJECT /* null counts as not sent */
};
enum field_need { FIELD_OPTIONAL, FIELD_REQUIRED };

struct field {
	const char *name;
	enum field_type type;
	enum field_need need;
	size_t offset; /* of a const char *, an int64_t or a json_t * */
	const char *(*check)(const char *); /* of a text */
	int64_t min, max; /* of a number */
};

/*
 * Parses the request's body into *BODY, the caller's to free; NULL: there is
 * none.  PROBLEM_NONE, or MALFORMED_JSON for anything but a single object of at
 * most 8 levels without duplicate names, or NUMBER_TOO_LARGE for a number that
 * has no C type here.  A byte order mark is ignored (RFC 8259 section 8.1).
 */
enum problem body_parse(const struct request *, json_t **body);

/* For a route without a body: INVALID_FIELDS for an object with members. */
enum problem body_parse_empty(const struct request *, json_t **body);

/*
 * Fills in the struct INTO from OBJECT, a body or one within it (NULL: an empty
 * one), by N FIELDS; members that were not sent stay as they are.  A time that
 * is null becomes 0.  1, or 0: REPLY says what is wrong.  Texts live as long as
 * OBJECT.
 */
int body_take(
    json_t *object, const struct field *, size_t n, void *into, struct reply *);

#endif
