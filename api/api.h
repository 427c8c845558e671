/*
 * api: the REST API: from a request to a reply, for any transport.
 *
 * A door (FastCGI, CGI) or the poller's bridge makes a struct request, and
 * api_handle gives the reply by value.  The table of api/routes.def lists the
 * methods and paths, their callers and their longest bodies.
 *
 * api_handle is safe from any thread; each has its own connection to the
 * store.  It blocks for as long as the store does.
 */
#ifndef API_API_H
#define API_API_H

#include "api/http/reply.h"
#include "api/http/request.h"
#include "db/base/settings.h"
#include "db/engine/db.h"

struct api {
	struct store *store; /* NULL: every request is refused as NOT_SET_UP */
	const struct settings *settings;
	int reaped; /* by a reaper in this very process */
};

struct reply api_handle(const struct api *, const struct request *);

/*
 * The same for a target as uri_add_normal makes it, which uri_check accepts, and
 * which is no short address (mount_expand).
 */
struct reply api_handle_normal(const struct api *, const struct request *);

/* A door could not send the reply: undoes what counted as heard. */
void api_unsent(const struct api *, const struct reply *);

#endif
