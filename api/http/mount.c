#include "api/http/mount.h"

#include <string.h>

#include "api/http/uri.h"
#include "db/base/must.h"

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
