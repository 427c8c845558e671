/*
 * listen: a listening socket for `address:port` or `unix:/path`.
 */
#ifndef POLLER_LISTEN_H
#define POLLER_LISTEN_H

#include "db/base/buf.h"

/*
 * The socket, and in NAME what it is reached by (the real port for port 0).
 * An address is a numeric IPv4 or [IPv6] one.  A unix socket takes the place
 * of one that nobody listens on, mode 0660.  -1: logged.
 */
int listen_on(const char *address, struct buf *name);

int listen_is_unix(const char *address);

#endif
