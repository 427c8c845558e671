/*
 * fcgi: serves requests that arrive by FastCGI.
 *
 * One thread accepts and reads (connections.h).  Requests that have arrived
 * whole are answered by the handler threads.
 */
#ifndef API_DOORS_FCGI_H
#define API_DOORS_FCGI_H

#include "api/api.h"
#include "api/doors/worker_handoff.h"

/*
 * Serves the listening socket of the handoff with settings.threads threads,
 * until ENDS is readable.  Requests in progress are answered if that takes no
 * longer than stop_ms.  Gives the exit status.
 */
int fcgi_serve(const struct api *, struct worker_handoff *, int ends);

/*
 * Blocks SIGTERM and SIGINT in this thread and in those that it starts.  Gives
 * a descriptor that is readable when either has arrived.
 */
int fcgi_ends(void);

/* A listening unix socket (mode 0660) for `unix:/path`; -1: logged. */
int fcgi_listen(const char *address);

#endif
