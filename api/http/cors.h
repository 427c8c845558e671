/*
 * cors: which pages of other sites may call (the Fetch standard).
 *
 * The setting cors_origins is a list of exact origins, or `*` for all, but
 * then without cookies.  A request that names an origin which is neither its
 * own nor listed is refused, and not only left without headers: a browser
 * would keep the answer from the page, but the deed would be done.
 */
#ifndef API_HTTP_CORS_H
#define API_HTTP_CORS_H

#include <stddef.h>

#include "api/http/request.h"

struct cors {
	enum { CORS_OWN, CORS_LISTED, CORS_ANY, CORS_REFUSED } verdict;
	const char *origin; /* CORS_LISTED: of the setting, LEN bytes */
	size_t len;
	int cookie; /* whether a cookie counts */
	const char *asked; /* by a preflight: headers; lent */
};

/* LIST and the headers live as long as the verdict. */
struct cors cors_judge(const char *list, const struct request_headers *);

/*
 * The headers of an answer, one call each; those of a preflight besides.  A
 * preflight allows the headers that we read, and whatever others the page
 * asks for (Cache-Control, traceparent, X-Requested-With): they change nothing.
 */
typedef void (*cors_fn)(void *arg, const char *name, const char *value);
void cors_headers(const struct cors *, cors_fn, void *arg);
void cors_preflight(const struct cors *, cors_fn, void *arg);

#endif
