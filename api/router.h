/*
 * router: finds the route of a request.
 *
 * Every method and path of the API stands in api/routes.def, with the class
 * of callers that may use it (api/rights.def) and the longest body it takes.
 */
#ifndef API_ROUTER_H
#define API_ROUTER_H

#include "api/call.h"

/* The classes of rights.def. */
enum who {
#define RIGHT(who, ...) WHO_##who,
#include "api/rights.def"
#undef RIGHT
	N_WHO
};

/* One line of routes.def. */
struct route {
	enum method method;
	const char *path;
	enum who who;
	size_t body; /* bytes */
	handler fn;
};

/*
 * The route of PATH (beneath the API) for the method of CALL's request; the
 * parameters of the path are then in CALL.  NULL: there is none; *KNOWN says
 * whether the path has another method.
 */
const struct route *router_find(struct call *, const char *path, int *known);

/* Whether the body of the route is text of any type, instead of JSON. */
int router_takes_text(const struct route *);

/* Adds the methods that PATH has, for the header Allow. */
void router_add_methods(struct buf *, const char *path);

#endif
