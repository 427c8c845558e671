/*
 * params: a request from CGI variables (RFC 3875), as FastCGI and CGI give
 * them.
 */
#ifndef API_HTTP_PARAMS_H
#define API_HTTP_PARAMS_H

#include "api/http/reply.h"
#include "api/http/request.h"

/* Looks a variable up; NULL when there is none. */
typedef const char *(*param_fn)(const char *name, void *arg);

/*
 * Fills in all but the body.  Only the raw REQUEST_URI is the same behind every
 * front; the target is "" where that is missing.
 */
void params_read(struct request *, param_fn, void *arg);

/*
 * The body's length from CONTENT_LENGTH: -1 when the client named none (the
 * body ends with the stream), -2 when the value is no number.
 */
int64_t params_length(param_fn, void *arg);

/* Adds REPLY's status and headers as CGI writes them, and an empty line. */
void params_add_head(struct buf *, const struct reply *);

/* Reads up to SIZE bytes to TO; 0 at the end, -1 on failure. */
typedef int64_t (*read_fn)(void *arg, char *to, size_t size);

/*
 * Reads a body of LENGTH (as params_length) into BODY, one byte more than
 * REQUEST_BODY_MAX at most.  0, or -1: it is shorter than LENGTH.
 */
int params_body(struct buf *body, int64_t length, read_fn, void *arg)
    __attribute__((warn_unused_result));

#endif
