#include "api/http/cors.h"

#include <string.h>
#include <strings.h>

#include "db/base/buf.h"
#include "db/base/origins.h"

enum { NAMES_MAX = 1024 };

static const char any[] = "*";
static const char spaces[] = " \t";

/*
 * The headers of headers.def that a script sets; EventSource polyfills add
 * another.
 */
#define SCRIPT(name) ", " name
#define OTHER(name)
static const char allowed_headers[] = "Cache-Control"
#define HEADER(field, name, variable, second, sender) sender(name)
#include "api/http/headers.def"
#undef HEADER
    ;
#undef SCRIPT
#undef OTHER

/* Each front appends to the list, so the last is the nearest one's. */
static int
is_host(const char *hosts, const char *host, const char *port)
{
	const char *last;
	size_t len = strlen(host);

	if (hosts == NULL)
		return 0;
	last = strrchr(hosts, ',');
	last = last != NULL ? last + 1 + strspn(last + 1, spaces) : hosts;
	if (strncasecmp(last, host, len) != 0)
		return 0;
	return last[len] == '\0' || strcmp(last + len, port) == 0;
}

static int
is_own(const struct request_headers *r)
{
	const char *port = "";
	size_t n;

	if (r->origin == NULL)
		return 1;
	if (r->fetch_site != NULL)
		return strcmp(r->fetch_site, "same-origin") == 0;
	n = origins_scheme(r->origin, &port);
	return n > 0 &&
	    (is_host(r->host, r->origin + n, port) ||
		is_host(r->forwarded_host, r->origin + n, port));
}

/* The browser reports a request of our own page, or of the user directly. */
static int
from_us(const char *fetch_site)
{
	return fetch_site == NULL || strcmp(fetch_site, "same-origin") == 0 ||
	    strcmp(fetch_site, "none") == 0;
}

struct cors
cors_judge(const char *list, const struct request_headers *r)
{
	struct cors c = { .verdict = CORS_REFUSED,
		.asked = r->preflight_headers };

	if (is_own(r)) {
		c.verdict = CORS_OWN;
		c.cookie = from_us(r->fetch_site);
		return c;
	}
	c.origin = origins_find(list, r->origin);
	if (c.origin != NULL && *c.origin != any[0]) {
		c.verdict = CORS_LISTED;
		c.len = strlen(r->origin);
		c.cookie = 1;
	} else if (origins_find(list, any) != NULL)
		c.verdict = CORS_ANY;
	return c;
}

void
cors_headers(const struct cors *c, cors_fn fn, void *arg)
{
	struct buf origin = BUF_INIT;

	if (c->verdict == CORS_OWN || c->verdict == CORS_REFUSED)
		return;
	if (c->verdict == CORS_LISTED) {
		buf_add(&origin, c->origin, c->len);
		fn(arg, "Access-Control-Allow-Origin", buf_str(&origin));
		fn(arg, "Access-Control-Allow-Credentials", "true");
		fn(arg, "Vary", "Origin");
		buf_done(&origin);
	} else
		fn(arg, "Access-Control-Allow-Origin", any);
	fn(arg, "Access-Control-Expose-Headers", "Location, Retry-After");
}

/* A list of header names (RFC 9110 section 5.6.2) of a sane length. */
static int
is_names(const char *list)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789!#$%&'*+-.^_`|~, ";
	size_t len = strlen(list);

	return len > 0 && len <= NAMES_MAX && strspn(list, allowed) == len;
}

void
cors_preflight(const struct cors *c, cors_fn fn, void *arg)
{
	struct buf names = BUF_INIT;

	if (c->verdict == CORS_OWN || c->verdict == CORS_REFUSED)
		return;
	fn(arg, "Access-Control-Allow-Methods",
	    "GET, POST, PUT, PATCH, DELETE");
	buf_adds(&names, allowed_headers);
	if (c->asked != NULL && is_names(c->asked))
		buf_addf(&names, ", %s", c->asked);
	fn(arg, "Access-Control-Allow-Headers", buf_str(&names));
	buf_done(&names);
	fn(arg, "Access-Control-Max-Age", "7200");
}
