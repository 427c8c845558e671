/*
 * endpoint: the addresses in the settings: host:port or unix:/path.
 *
 *	127.0.0.1:8080  [::1]:8080  localhost:8080  unix:/run/parlor/api.sock
 *
 * An address is used as written or refused.  To listen on all addresses of the
 * machine, write 0.0.0.0 or [::]; a missing host does not mean all addresses.
 */
#ifndef DB_BASE_ENDPOINT_H
#define DB_BASE_ENDPOINT_H

enum {
	ENDPOINT_HOST_MAX = 253, /* RFC 1035 */
	ENDPOINT_PATH_MAX = 107 /* sockaddr_un(7), without its NUL */
};

struct endpoint {
	const char *path; /* of a unix socket, lent; NULL: TCP */
	char host[ENDPOINT_HOST_MAX + 1]; /* without brackets */
	int numeric; /* HOST is an address, no name */
	char port[6]; /* 0 to 65535 */
};

/* Parses TEXT.  NULL, or a text that says what is wrong and what to write. */
const char *endpoint_read(const char *text, struct endpoint *);

/* The remedy when listening there fails with ERROR, an errno. */
const char *endpoint_mend(int error);

#endif
