/*
 * request_check: refuses requests that two parsers could read differently.
 *
 * libmicrohttpd 0.9.75 serves a body with two lengths, or with a length and
 * chunks, and takes the rest for a second request.  Here such a request is
 * answered 400 and its connection closed.
 *
 * What the parser has cut (at a NUL), merged (a folded line) or passed over (a
 * line without a name) is missing in what it tells us.  But it parses in
 * place: each text that it hands out lies where it came in, so whatever is
 * between them is what it does not tell.
 */
#ifndef POLLER_REQUEST_CHECK_H
#define POLLER_REQUEST_CHECK_H

#include <microhttpd.h>

#include "api/http/problem.h"

/*
 * TARGET is raw, and not judged here: uri_check does that once it is normal.
 * PROBLEM_NONE: come in.
 */
enum problem request_check(struct MHD_Connection *, const char *target,
    const char *method, const char *version);

#endif
