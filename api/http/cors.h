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

/* Of a request; lent, NULL when absent. */
struct cors_request {
	const char *origin;
	const char *host;
	const char *forwarded_host; /* X-Forwarded-Host, of a front */
	const char *fetch_site; /* Sec-Fetch-Site */
};

struct cors {
	enum { CORS_OWN, CORS_LISTED, CORS_ANY, CORS_REFUSED } verdict;
	const char *origin; /* CORS_LISTED: of the setting, LEN bytes */
	size_t len;
	int cookie; /* whether a cookie counts */
	/* Lent, set by the caller for a preflight: Access-Control-Request-Headers */
	const char *asked;
};

/* LIST lives as long as the verdict. */
struct cors cors_judge(const char *list, const struct cors_request *);

/*
 * The headers of an answer, one call each; those of a preflight besides.  A
 * preflight allows the headers that we read, and whatever others the page
 * asks for (Cache-Control, traceparent, X-Requested-With): they change nothing.
 */
typedef void (*cors_fn)(void *arg, const char *name, const char *value);
void cors_headers(const struct cors *, cors_fn, void *arg);
void cors_preflight(const struct cors *, cors_fn, void *arg);

#endif
