#include "poller/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/endpoint.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/unixsock.h"

enum {
	BACKLOG = 4096,
	PORT_TRIES = 20 /* to find a port that is free in both families */
};

void
listen_close(struct listening *l)
{
	while (l->n > 0)
		(void)close(l->fds[--l->n]);
}

static int
failed(const char *address, int error)
{
	log_error("cannot listen; see --listen (PORT= with make)",
	    "address=\"%s\" error=\"%s\" mend=\"%s\"", address, strerror(error),
	    endpoint_mend(error));
	return -1;
}

static int
listen_unix(const struct endpoint *e, struct listening *l)
{
	int fd = unixsock_listen(e->path, BACKLOG);

	if (fd < 0)
		return errno;
	must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	l->fds[l->n++] = fd;
	l->is_unix = 1;
	return 0;
}

static in_port_t *
port_of(struct sockaddr_storage *at)
{
	return at->ss_family == AF_INET6 ?
	    &((struct sockaddr_in6 *)(void *)at)->sin6_port :
	    &((struct sockaddr_in *)(void *)at)->sin_port;
}

/* The port of the first socket, for those that follow. */
static in_port_t
chosen_port(const struct listening *l)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);

	must(getsockname(l->fds[0], (struct sockaddr *)&at, &len) == 0);
	return *port_of(&at);
}

/* 0: the socket listens; else an errno. */
static int
add_one(const struct addrinfo *a, int alone, struct listening *l)
{
	int fd =
	    socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage at = { 0 };
	int on = 1, off = 0, error;

	if (fd < 0)
		return errno;
	memcpy(&at, a->ai_addr, a->ai_addrlen);
	if (l->n > 0)
		*port_of(&at) = chosen_port(l);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* [::] alone includes IPv4; beside 0.0.0.0 it must not. */
	if (a->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    alone ? &off : &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&at, a->ai_addrlen) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		error = errno;
		(void)close(fd);
		return error;
	}
	l->fds[l->n++] = fd;
	return 0;
}

/* /etc/hosts may name one address twice. */
static int
seen_before(const struct addrinfo *found, const struct addrinfo *a)
{
	for (; found != a; found = found->ai_next)
		if (found->ai_addrlen == a->ai_addrlen &&
		    memcmp(found->ai_addr, a->ai_addr, a->ai_addrlen) == 0)
			return 1;
	return 0;
}

/* An errno; a family that this machine does not support is skipped. */
static int
add_all(const struct addrinfo *found, struct listening *l)
{
	int first = 0;

	for (const struct addrinfo *a = found; a != NULL && l->n < LISTEN_MAX;
	     a = a->ai_next) {
		int error = 0;

		if (!seen_before(found, a))
			error = add_one(a, found->ai_next == NULL, l);
		if (error != 0 && error != EADDRNOTAVAIL &&
		    error != EAFNOSUPPORT)
			return error;
		if (first == 0)
			first = error;
	}
	return l->n > 0 ? 0 : first;
}

static int
listen_tcp(const char *address, const struct endpoint *e, struct listening *l)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found;
	int rc, error = EADDRINUSE;

	if (e->numeric)
		hints.ai_flags |= AI_NUMERICHOST;
	rc = getaddrinfo(e->host, e->port, &hints, &found);
	if (rc != 0) {
		log_error("cannot listen; the host name has no address",
		    "address=\"%s\" error=\"%s\"", address, gai_strerror(rc));
		return -1;
	}
	for (int n = 0; n < PORT_TRIES && error == EADDRINUSE; n++) {
		listen_close(l);
		error = add_all(found, l);
		if (strcmp(e->port, "0") != 0)
			break;
	}
	freeaddrinfo(found);
	if (error == 0)
		return 0;
	listen_close(l);
	return failed(address, error);
}

int
listen_on(const char *address, struct listening *l)
{
	struct endpoint e;
	const char *why = endpoint_read(address, &e);
	int error;

	*l = (struct listening){ .n = 0 };
	if (why != NULL) {
		log_error("cannot listen; not an address",
		    "address=\"%s\" why=\"%s\"", address, why);
		return -1;
	}
	if (e.path == NULL)
		return listen_tcp(address, &e, l);
	error = listen_unix(&e, l);
	return error == 0 ? 0 : failed(address, error);
}

void
listen_tell(const struct listening *l, const char *address)
{
	for (int i = 0; i < l->n && !l->is_unix; i++) {
		struct sockaddr_storage at = { 0 };
		socklen_t len = sizeof(at);
		char host[64], port[16];

		must(getsockname(l->fds[i], (struct sockaddr *)&at, &len) == 0);
		must(getnameinfo((const struct sockaddr *)&at, len, host,
			 sizeof(host), port, sizeof(port),
			 NI_NUMERICHOST | NI_NUMERICSERV) == 0);
		log_info("listening",
		    at.ss_family == AF_INET6 ? "address=[%s]:%s" :
					       "address=%s:%s",
		    host, port);
	}
	if (l->is_unix)
		log_info("listening", "address=%s", address);
}
