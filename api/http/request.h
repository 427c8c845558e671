/*
 * request: one HTTP request, from any transport.
 *
 * The doors of parlor-api (FastCGI, CGI) and the poller fill one in; all texts
 * are lent for as long as the request is answered, and NULL when the client
 * sent none.
 */
#ifndef API_HTTP_REQUEST_H
#define API_HTTP_REQUEST_H

#include <stddef.h>

enum method {
	METHOD_GET,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_OTHER
};

/*
 * The longest body of any route; a byte more is read, to see whether it ends.
 */
enum { REQUEST_BODY_MAX = 16384 };

struct request_headers {
#define HEADER(field, name, variable, second, sender) const char *field;
#include "api/http/headers.def"
#undef HEADER
};

struct request {
	enum method method;
	const char *target; /* raw: /any/prefix/api/v1/rooms?x=y */
	struct request_headers headers;
	const char *address; /* of the client; NULL or no address: unknown */
	int https; /* as the front or the server says */
	const char *body; /* NULL when len is 0 */
	size_t len; /* > REQUEST_BODY_MAX: the body was cut there */
};

/* Reads "GET" and so on; METHOD_OTHER for an unknown method. */
enum method request_method(const char *text);

/* The text of a known method. */
const char *request_method_name(enum method);

/* A browser asks whether a page of another site may send a request. */
int request_is_preflight(const struct request *);

#endif
