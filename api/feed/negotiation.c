#include "api/feed/negotiation.h"

#include <string.h>

#include "api/http/accept.h"
#include "api/http/uri.h"
#include "db/base/buf.h"
#include "db/base/must.h"

enum { PROTOCOLS_MAX = 8 };

static const struct protocol *
by_accept(const struct protocol *const *served, const char *accept)
{
	const struct protocol *candidates[PROTOCOLS_MAX] = { NULL };
	const char *types[PROTOCOLS_MAX];
	size_t n = 0;

	for (size_t i = 0; served[i] != NULL; i++)
		if (served[i]->type != NULL) {
			must(n < PROTOCOLS_MAX);
			candidates[n] = served[i];
			types[n++] = served[i]->type;
		}
	must(n > 0);
	return candidates[accept_choose(accept, types, n)];
}

static const struct protocol *
by_name(
    const struct protocol *const *served, const char *name, enum problem *why)
{
	for (size_t i = 0; served[i] != NULL; i++)
		if (strcmp(name, served[i]->name) == 0)
			return served[i];
	/* A name that another program knows gets an answer that says so. */
	*why = strcmp(name, "ws") == 0 ? PROBLEM_NO_WEBSOCKET :
					 PROBLEM_MALFORMED_REQUEST;
	return NULL;
}

const struct protocol *
negotiation_choose(const struct protocol *const *served, const char *query,
    const char *accept, enum problem *why)
{
	const struct protocol *found = NULL;
	struct buf name = BUF_INIT;

	switch (uri_param(query, "as", &name)) {
	case URI_OK:
		found = by_name(served, buf_str(&name), why);
		break;
	case URI_NONE:
		found = by_accept(served, accept);
		break;
	case URI_BAD:
		*why = PROBLEM_MALFORMED_REQUEST;
		break;
	}
	buf_done(&name);
	return found;
}
