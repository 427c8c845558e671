/*
 * mount: finds the API's own path within a site's paths.
 *
 * A front may put any folder before the API's path: /chat/api/v1/rooms is
 * /rooms of the API, and /chat/events is /events.
 */
#ifndef API_HTTP_MOUNT_H
#define API_HTTP_MOUNT_H

#include "db/base/buf.h"

#define MOUNT_PREFIX "/api/v1"

/* The path of TARGET beneath the API, lent; NULL: it is not the API's. */
const char *mount_path(const char *target);

/* The same for paths beneath MOUNT_PREFIX alone. */
const char *mount_rest_path(const char *target);

/*
 * The folder that the API lies in, with a slash behind it, as a cookie's path;
 * "/" where it holds characters that a cookie cannot name.  The caller's to
 * free.  TARGET is a path that mount_rest_path knows.
 */
struct buf mount_folder(const char *target);

#endif
