/*
 * fcgi: requests that come by FastCGI.
 *
 * A pool of threads shares the listening socket.  A thread accepts, reads one
 * request in full, answers it and closes the connection; request_timeout.h
 * bounds each stage.
 */
#ifndef API_DOORS_FCGI_H
#define API_DOORS_FCGI_H

#include "api/api.h"
#include "api/doors/worker_handoff.h"

/*
 * Serves the listening socket of the handoff with settings.threads threads,
 * until ENDS can be read; what has begun is answered if that takes no longer
 * than stop_ms.  The exit status.
 */
int fcgi_serve(const struct api *, struct worker_handoff *, int ends);

/*
 * Blocks SIGTERM and SIGINT in this thread and those that it starts; gives
 * the descriptor that can be read when one of them has come.
 */
int fcgi_ends(void);

/* A listening unix socket (mode 0660) for `unix:/path`; -1: logged. */
int fcgi_listen(const char *address);

#endif
