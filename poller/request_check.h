/*
 * request_check: refuses requests that two parsers could read differently.
 *
 * libmicrohttpd 0.9.75 accepts a body with two lengths, or with a length and
 * chunks, and takes the rest for a second request.  Here such a request gets
 * 400 and its connection is closed.
 *
 * The parser does not report that it has cut a field (at a NUL), merged lines
 * (a folded line) or skipped a line (without a name).  But it parses in place,
 * so each text that it reports still lies where it arrived, and the gaps
 * between the texts show what was left out.
 */
#ifndef POLLER_REQUEST_CHECK_H
#define POLLER_REQUEST_CHECK_H

#include <microhttpd.h>

#include "api/http/problem.h"

/*
 * TARGET is raw and not checked here: uri_check checks its normal form later.
 * PROBLEM_NONE: the request is sound.
 */
enum problem request_check(struct MHD_Connection *, const char *target,
    const char *method, const char *version);

#endif
