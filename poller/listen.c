#include "poller/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/unixsock.h"

enum { BACKLOG = 4096 };

int
listen_is_unix(const char *address)
{
	return unixsock_path(address) != NULL;
}

static int
failed(int fd, const char *address)
{
	log_error("cannot listen; choose another address:port, or unix:/path,"
		  " with --listen (or PORT=)",
	    "address=%s error=\"%s\"", address, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static int
listen_unix(const char *address, const char *path, struct buf *name)
{
	int fd = unixsock_listen(path, BACKLOG);

	if (fd < 0)
		return failed(-1, address);
	must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	buf_adds(name, address);
	return fd;
}

/* "host:port" or "[host]:port", taken apart. */
static int
resolve(const char *address, struct addrinfo **found)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE |
		    AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(address, ':');
	struct buf host = BUF_INIT;
	int rc = -1;

	if (colon != NULL) {
		size_t len = (size_t)(colon - address);

		if (len >= 2 && address[0] == '[' && colon[-1] == ']')
			buf_add(&host, address + 1, len - 2);
		else
			buf_add(&host, address, len);
		rc = getaddrinfo(host.len > 0 ? buf_str(&host) : NULL,
		    colon + 1, &hints, found);
	}
	buf_done(&host);
	return rc;
}

static void
add_name(int fd, struct buf *name)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);
	char host[64], port[16];

	must(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	must(getnameinfo((const struct sockaddr *)&at, len, host, sizeof(host),
		 port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0);
	buf_addf(
	    name, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

int
listen_on(const char *address, struct buf *name)
{
	const char *path = unixsock_path(address);
	struct addrinfo *found;
	int fd, on = 1, rc;

	if (path != NULL)
		return listen_unix(address, path, name);
	if (resolve(address, &found) != 0) {
		errno = EINVAL;
		return failed(-1, address);
	}
	fd = socket(
	    found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	must(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	rc = bind(fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (rc != 0 || listen(fd, BACKLOG) != 0)
		return failed(fd, address);
	add_name(fd, name);
	return fd;
}
