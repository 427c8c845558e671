#include "api/router.h"

#include "api/http/uri.h"
#include "db/base/must.h"

static const struct route routes[] = {
#define ROUTE(method, path, who, body, fn) \
	{ METHOD_##method, path, WHO_##who, body, fn },
#define ALSO(method, path, how, who)
#define TEXT(method, path)
#include "api/routes.def"
#undef TEXT
#undef ALSO
#undef ROUTE
};

/* The routes whose body is text. */
static const struct {
	enum method method;
	const char *path;
} texts[] = {
#define ROUTE(method, path, who, body, fn)
#define ALSO(method, path, how, who)
#define TEXT(method, path) { METHOD_##method, path },
#include "api/routes.def"
#undef TEXT
#undef ALSO
#undef ROUTE
};

enum { N_TEXTS = sizeof(texts) / sizeof(texts[0]) };
enum { N_ROUTES = sizeof(routes) / sizeof(routes[0]) };

/* The form of a parameter: ids of ours need no escapes. */
enum param_form { PARAM_PLAIN, PARAM_ESCAPED, PARAM_DIGITS };
static const struct {
	const char *name;
	enum param_form form;
	size_t max; /* bytes in the path */
} param_kinds[N_PARAMS] = {
	[PARAM_ROOM] = { ":room", PARAM_PLAIN, CONN_MAX },
	[PARAM_CHATTER] = { ":chatter", PARAM_PLAIN, CONN_MAX },
	[PARAM_MESSAGE] = { ":message", PARAM_PLAIN, CONN_MAX },
	[PARAM_CONN] = { ":conn", PARAM_PLAIN, CONN_MAX },
	[PARAM_USER] = { ":user", PARAM_ESCAPED, 3 * (size_t)PARAM_MAX },
	/* A number, so that unread_count and read_all are no ids. */
	[PARAM_NOTIFICATION] = { ":notification", PARAM_DIGITS, 18 },
};

static int
segment_is(const char *text, size_t len, const char *what)
{
	return strlen(what) == len && memcmp(text, what, len) == 0;
}

static int
param_fits(enum param_form form, const char *path, size_t len)
{
	switch (form) {
	case PARAM_PLAIN:
		return memchr(path, '%', len) == NULL;
	case PARAM_DIGITS:
		return strspn(path, "0123456789") == len;
	case PARAM_ESCAPED:
		return 1;
	}
	must(!"a parameter's form");
	return 0;
}

/* Keeps the segment of PATH that stands for the parameter NAME. */
static int
keep(struct call *call, const char *name, size_t name_len, const char *path,
    size_t len)
{
	struct buf value = BUF_INIT;
	int i = 0, ok;

	while (!segment_is(name, name_len, param_kinds[i].name))
		must(++i < N_PARAMS);
	if (len == 0 || len > param_kinds[i].max ||
	    !param_fits(param_kinds[i].form, path, len))
		return 0;
	ok = uri_segment(path, len, &value) == URI_OK && value.len <= PARAM_MAX;
	if (ok)
		memcpy(call->params[i], buf_str(&value), value.len + 1);
	buf_done(&value);
	return ok;
}

/*
 * Whether PATH matches PATTERN.  Its parameters go to CALL; NULL: they match
 * anything.
 */
static int
match(struct call *call, const char *pattern, const char *path)
{
	while (*pattern == '/' && *path == '/') {
		size_t want = strcspn(++pattern, "/");
		size_t have = strcspn(++path, "/?");

		if (*pattern != ':') {
			if (want != have || memcmp(pattern, path, want) != 0)
				return 0;
		} else if (call != NULL &&
		    !keep(call, pattern, want, path, have))
			return 0;
		pattern += want;
		path += have;
	}
	return *pattern == '\0' && (*path == '\0' || *path == '?');
}

/*
 * The same.  Most patterns differ in their words, so no parameter is decoded
 * for them.
 */
static int
fits(struct call *call, const char *pattern, const char *path)
{
	if (!match(NULL, pattern, path))
		return 0;
	memset(call->params, 0, sizeof(call->params));
	return match(call, pattern, path);
}

int
router_takes_text(const struct route *route)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		if (texts[i].method == route->method &&
		    strcmp(texts[i].path, route->path) == 0)
			return 1;
	return 0;
}

void
router_add_methods(struct buf *b, const char *path)
{
	struct call attempt;

	for (size_t i = 0; i < N_ROUTES; i++)
		if (fits(&attempt, routes[i].path, path))
			buf_addf(b, "%s%s", b->len > 0 ? ", " : "",
			    request_method_name(routes[i].method));
}

const struct route *
router_find(struct call *call, const char *path, int *known)
{
	enum method method = call->request->method;

	if (method == METHOD_HEAD)
		method = METHOD_GET;
	*known = 0;
	for (size_t i = 0; i < N_ROUTES; i++) {
		if (!fits(call, routes[i].path, path))
			continue;
		*known = 1;
		if (routes[i].method == method)
			return &routes[i];
	}
	return NULL;
}
