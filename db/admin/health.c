#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/buf.h"
#include "db/base/endpoint.h"
#include "db/base/log.h"

enum { WAIT_S = 5, ANSWER_MAX = 65536, PIECE = 4096 };

/* Where parlor-poller listens when no setting says so. */
static const char fallback[] = "127.0.0.1:8080";
static const char version[] = "HTTP/1.1 ";
static const char request[] = "GET /health HTTP/1.1\r\nHost: localhost\r\n"
			      "Connection: close\r\n\r\n";

/* A connected socket; -1: errno says why. */
static int
connect_to(int family, const void *at, socklen_t len)
{
	static const struct timeval limit = { .tv_sec = WAIT_S };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, at, len) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static int
connect_unix(const struct endpoint *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", e->path);
	return connect_to(AF_UNIX, &at, sizeof(at));
}

/* An address for all networks, 0.0.0.0 or [::], leads to this machine. */
static int
connect_tcp(const struct endpoint *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int fd = -1;

	if (getaddrinfo(e->host, e->port, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
		fd = connect_to(a->ai_family, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

/* 0: all that the service answers is in ANSWER; -1: errno says why. */
static int
ask(int fd, struct buf *answer)
{
	char piece[PIECE];
	ssize_t n = send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);

	while (n > 0 && answer->len < ANSWER_MAX) {
		n = recv(fd, piece, sizeof(piece), 0);
		if (n > 0)
			buf_add(answer, piece, (size_t)n);
	}
	if (n < 0 && errno == EAGAIN)
		errno = ETIMEDOUT;
	return n < 0 ? -1 : 0;
}

/* Prints the body; 0 when the status is 200. */
static int
print_answer(const char *address, const char *answer)
{
	const char *body = strstr(answer, "\r\n\r\n");
	size_t len = sizeof(version) - 1;

	if (body == NULL || strncmp(answer, version, len) != 0) {
		log_error("what listens there is not parlor-poller",
		    "address=\"%s\"", address);
		return -1;
	}
	(void)puts(body + 4);
	return strncmp(answer + len, "200 ", 4) == 0 ? 0 : -1;
}

int
command_health(const struct call *call)
{
	const char *address = call->settings->listen, *why;
	struct buf answer = BUF_INIT;
	struct endpoint e;
	int fd, rc;

	if (options_read(call, NULL, 0, NULL, NULL) != 0)
		return EXIT_USAGE;
	if (address[0] == '\0')
		address = fallback;
	why = endpoint_read(address, &e);
	if (why != NULL) {
		log_error("not an address to listen on",
		    "address=\"%s\" why=\"%s\"", address, why);
		return EXIT_USAGE;
	}
	fd = e.path != NULL ? connect_unix(&e) : connect_tcp(&e);
	rc = fd < 0 ? -1 : ask(fd, &answer);
	if (rc != 0)
		log_error("parlor-poller does not answer",
		    "address=\"%s\" error=\"%s\"", address, strerror(errno));
	else
		rc = print_answer(address, buf_str(&answer));
	if (fd >= 0)
		(void)close(fd);
	buf_done(&answer);
	return rc == 0 ? EXIT_FINE : EXIT_FAILED;
}
