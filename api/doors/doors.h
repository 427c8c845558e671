/*
 * doors: the ways by which requests come to parlor-api.
 */
#ifndef API_DOORS_DOORS_H
#define API_DOORS_DOORS_H

#include "api/api.h"
#include "api/doors/worker_handoff.h"

/* One request from the environment and standard input; the exit status. */
int cgi_serve(const struct api *);

/*
 * FastCGI on the listening socket of POST with settings.threads threads,
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

/* 1 when FD is a listening socket: a web server started us for FastCGI. */
int fcgi_is_socket(int fd);

#endif
