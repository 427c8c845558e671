/*
 * cors: decides which other sites' pages may call (the Fetch standard).
 *
 * The setting cors_origins lists exact origins; `*` stands for any, but without
 * cookies.  A request from any other origin, except our own, is refused
 * outright.  An answer without the headers would not be enough: the browser
 * hides it from the page, but the request has taken effect.
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
 * Calls FN for each header of an answer, and of a preflight's answer.  A
 * preflight allows the headers that we read and any others that the page asks
 * for (traceparent, X-Requested-With), because those have no effect.
 */
typedef void (*cors_fn)(void *arg, const char *name, const char *value);
void cors_headers(const struct cors *, cors_fn, void *arg);
void cors_preflight(const struct cors *, cors_fn, void *arg);

#endif
