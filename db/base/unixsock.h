/*
 * unixsock: a listening unix socket for "unix:/path".
 */
#ifndef DB_BASE_UNIXSOCK_H
#define DB_BASE_UNIXSOCK_H

/* The path in ADDRESS, lent; NULL: not a unix socket's address. */
const char *unixsock_path(const char *address);

/*
 * A listening socket at PATH, mode 0660, closed on exec.  It replaces a socket
 * that no process listens on.  -1: errno says why.
 */
int unixsock_listen(const char *path, int backlog);

/* 1 when FD is a listening socket, of any kind. */
int unixsock_is_listening(int fd);

#endif
