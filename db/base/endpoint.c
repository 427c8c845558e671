#include "db/base/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "db/base/number.h"
#include "db/base/unixsock.h"

enum { PORT_MAX = 65535, LABEL_MAX = 63 };

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_";
static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdefABCDEF";

static const char *
read_path(const char *path)
{
	if (path[0] != '/')
		return "the path of a unix socket begins with /, as in"
		       " unix:/run/parlor/api.sock";
	if (path[strlen(path) - 1] == '/')
		return "the path of a unix socket ends with the socket's name,"
		       " as in unix:/run/parlor/api.sock";
	if (strlen(path) > ENDPOINT_PATH_MAX)
		return "the path of a unix socket has at most 107 bytes;"
		       " choose a shorter one";
	return NULL;
}

static const char *
read_port(const char *text, struct endpoint *e)
{
	int64_t port;

	if (number_read(text, 0, PORT_MAX, &port) != NUMBER_OK)
		return "a port is a number from 1 to 65535, or 0 for any that"
		       " is free";
	(void)snprintf(e->port, sizeof(e->port), "%d", (int)port);
	return NULL;
}

/* Labels of RFC 1035, separated by dots, with an optional final dot. */
static int
is_name(const char *host)
{
	for (;;) {
		size_t n = strspn(host, name_chars);

		if (n == 0 || n > LABEL_MAX)
			return 0;
		host += n;
		if (*host == '\0' || strcmp(host, ".") == 0)
			return 1;
		if (*host++ != '.')
			return 0;
	}
}

/* The resolver would accept 127.1 and 0x7f000001 as addresses. */
static int
ends_in_number(const char *host)
{
	size_t end = strlen(host), begin, skip;
	const char *label;

	if (end > 0 && host[end - 1] == '.')
		end--;
	for (begin = end; begin > 0 && host[begin - 1] != '.';)
		begin--;
	label = host + begin;
	skip = strncasecmp(label, "0x", 2) == 0 ? 2 : 0;
	return begin < end &&
	    strspn(label + skip, skip > 0 ? hex_digits : digits) ==
	    end - begin - skip;
}

static const char *
read_host(struct endpoint *e)
{
	struct in_addr v4;

	e->numeric = 1;
	if (inet_pton(AF_INET, e->host, &v4) == 1)
		return NULL;
	e->numeric = 0;
	if (!ends_in_number(e->host) && is_name(e->host))
		return NULL;
	return "the host is neither an address nor a name; write"
	       " 127.0.0.1:8080, [::1]:8080 or localhost:8080";
}

static const char *
read_v6(struct endpoint *e)
{
	char bare[ENDPOINT_HOST_MAX + 1];
	struct in6_addr v6;

	/* A link-local address names its interface after a %. */
	(void)snprintf(bare, sizeof(bare), "%s", e->host);
	bare[strcspn(bare, "%")] = '\0';
	e->numeric = 1;
	if (inet_pton(AF_INET6, bare, &v6) == 1)
		return NULL;
	return "the text in brackets is not an IPv6 address; write"
	       " [::1]:8080";
}

static const char *
copy_host(struct endpoint *e, const char *from, size_t len)
{
	if (len > ENDPOINT_HOST_MAX)
		return "a host has at most 253 bytes";
	memcpy(e->host, from, len);
	e->host[len] = '\0';
	return NULL;
}

static const char *
read_bracketed(const char *text, struct endpoint *e)
{
	const char *end = strchr(text, ']'), *why;

	if (end == NULL || end[1] != ':')
		return "an IPv6 address needs brackets before the port,"
		       " as in [::1]:8080";
	why = copy_host(e, text + 1, (size_t)(end - text) - 1);
	if (why == NULL)
		why = read_v6(e);
	return why != NULL ? why : read_port(end + 2, e);
}

const char *
endpoint_read(const char *text, struct endpoint *e)
{
	const char *path = unixsock_path(text), *colon = strchr(text, ':');
	const char *why;

	memset(e, 0, sizeof(*e));
	if (path != NULL) {
		e->path = path;
		return read_path(path);
	}
	if (text[0] == '[')
		return read_bracketed(text, e);
	if (colon == NULL)
		return "an address has a host and a port, as in"
		       " 127.0.0.1:8080; a unix socket is unix:/path";
	if (strchr(colon + 1, ':') != NULL)
		return "an IPv6 address needs brackets, as in [::1]:8080";
	if (colon == text)
		return "the host is missing; write 127.0.0.1 for this machine"
		       " alone, or 0.0.0.0 or [::] for all networks";
	why = copy_host(e, text, (size_t)(colon - text));
	if (why == NULL)
		why = read_host(e);
	return why != NULL ? why : read_port(colon + 1, e);
}

const char *
endpoint_mend(int error)
{
	static const struct {
		int error;
		const char *mend;
	} mends[] = {
		{ EADDRINUSE,
		    "another program listens there; stop it, or choose"
		    " another address" },
		{ EACCES,
		    "permission denied; a port below 1024 needs root, and a"
		    " unix socket needs a directory that this user can write"
		    " to" },
		{ EADDRNOTAVAIL, "this machine has no such address" },
		{ EAFNOSUPPORT,
		    "this kind of address is disabled; under systemd, allow"
		    " it with RestrictAddressFamilies" },
		{ ENOENT,
		    "the directory of the unix socket is missing; create it" },
		{ ENOTDIR, "a part of the path is a file, not a directory" },
		{ ENOTSOCK,
		    "the file there is not a socket and is left alone; choose"
		    " another path" },
		{ EROFS,
		    "the directory of the unix socket is read-only; choose"
		    " another" },
	};

	for (size_t i = 0; i < sizeof(mends) / sizeof(mends[0]); i++)
		if (mends[i].error == error)
			return mends[i].mend;
	return "choose another address";
}
