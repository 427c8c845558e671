/*
 * doors: the ways by which requests come to parlor-api.
 */
#ifndef API_DOORS_H
#define API_DOORS_H

#include "api/api.h"

/* One request from the environment and standard input; the exit status. */
int cgi_serve(const struct api *);

/*
 * FastCGI on the listening socket FD with settings.threads workers, until
 * SIGTERM or SIGINT; what has begun is answered.  The exit status.
 */
int fcgi_serve(const struct api *, int fd);

/* A listening unix socket (mode 0660) for `unix:/path`; -1: logged. */
int fcgi_listen(const char *address);

/* 1 when FD is a listening socket: a web server started us for FastCGI. */
int fcgi_is_socket(int fd);

#endif
