#include "api/http/mount.h"

#include <string.h>

#include "api/http/uri.h"
#include "db/base/must.h"
#include "db/rows/ids.h"

static const char prefix[] = MOUNT_PREFIX;
static const char events[] = "/events";

const char *
mount_rest_path(const char *target)
{
	size_t len = uri_path_len(target), n = sizeof(prefix) - 1;

	for (size_t i = 0; i + n < len; i++)
		if (memcmp(target + i, prefix, n) == 0 && target[i + n] == '/')
			return target + i + n;
	return NULL;
}

const char *
mount_path(const char *target)
{
	size_t len = uri_path_len(target), n = sizeof(events) - 1;
	const char *path = mount_rest_path(target);

	if (path == NULL && len >= n &&
	    memcmp(target + len - n, events, n) == 0)
		path = target + len - n;
	return path;
}

static const char hole[] = "{room}";
enum { HOLE_LEN = sizeof(hole) - 1 };

static const struct alias {
	enum method method;
	const char *path, *target;
} aliases[] = {
#define ALIAS(method, path, target) { METHOD_##method, path, target },
#include "api/http/aliases.def"
#undef ALIAS
};
enum { N_ALIASES = sizeof(aliases) / sizeof(aliases[0]) };

/* Whether the request is of the alias's method, or asks about it. */
static int
is_method(const struct request *r, enum method method)
{
	enum method asked = r->method;

	if (request_is_preflight(r))
		asked = request_method(r->headers.preflight_method);
	return asked == method ||
	    (asked == METHOD_HEAD && method == METHOD_GET);
}

/*
 * Whether the LEN bytes of path at TARGET end as A says.  *ROOM is then the
 * place of the room's id, which is *N bytes long.
 */
static int
fits(const struct alias *a, const char *target, size_t len, size_t *room,
    size_t *n)
{
	const char *behind = a->path + 1 + HOLE_LEN, *slash;
	size_t rest = strlen(behind);
	struct room_name name;

	if (len <= rest || memcmp(target + len - rest, behind, rest) != 0)
		return 0;
	slash = memrchr(target, '/', len - rest);
	if (slash == NULL)
		return 0;
	*room = (size_t)(slash + 1 - target);
	*n = len - rest - *room;
	if (*n > ROOM_NAME_MAX)
		return 0;
	memcpy(name.s, target + *room, *n);
	name.s[*n] = '\0';
	return ids_read_room(name.s, &name) == 0;
}

int
mount_expand(const struct request *r, struct buf *to)
{
	size_t len = uri_path_len(r->target), room = 0, n = 0, i = 0;
	const char *query = uri_query(r->target), *target, *at;

	if (mount_path(r->target) != NULL)
		return 0;
	while (i < N_ALIASES &&
	    (!is_method(r, aliases[i].method) ||
		!fits(&aliases[i], r->target, len, &room, &n)))
		i++;
	if (i == N_ALIASES)
		return 0;
	target = aliases[i].target;
	at = strstr(target, hole);
	must(at != NULL);
	buf_add(to, r->target, room - 1);
	buf_add(to, target, (size_t)(at - target));
	buf_add(to, r->target + room, n);
	buf_adds(to, at + HOLE_LEN);
	if (*query != '\0')
		buf_addf(
		    to, "%c%s", strchr(target, '?') != NULL ? '&' : '?', query);
	return 1;
}

struct buf
mount_folder(const char *target)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/%";
	const char *path = mount_rest_path(target);
	struct buf folder = BUF_INIT;
	size_t len;

	must(path != NULL);
	len = (size_t)(path - target) - (sizeof(prefix) - 1);
	if (strspn(target, plain) >= len)
		buf_add(&folder, target, len);
	buf_addc(&folder, '/');
	return folder;
}
