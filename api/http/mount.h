/*
 * mount: finds the API's own path within a site's paths.
 *
 * A front may put any folder before the API's path: /chat/api/v1/rooms is
 * /rooms of the API, and /chat/events is /events.  Short addresses in that
 * folder (api/http/aliases.def) stand for longer ones of the API.
 */
#ifndef API_HTTP_MOUNT_H
#define API_HTTP_MOUNT_H

#include "api/http/request.h"
#include "db/base/buf.h"

#define MOUNT_PREFIX "/api/v1"

/* The path of TARGET beneath the API, lent; NULL: it is not the API's. */
const char *mount_path(const char *target);

/* The same for paths beneath MOUNT_PREFIX alone. */
const char *mount_rest_path(const char *target);

/*
 * When the request's target is a short address, adds the target that it stands
 * for to TO, which was empty: 1.  Else 0.  The target has passed uri_check.
 */
int mount_expand(const struct request *, struct buf *to);

/*
 * The folder that the API lies in, with a slash behind it, as a cookie's path;
 * "/" where it holds characters that a cookie cannot name.  The caller's to
 * free.  TARGET is a path that mount_rest_path knows.
 */
struct buf mount_folder(const char *target);

#endif
