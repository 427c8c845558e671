#include "db/base/unixsock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char prefix[] = "unix:";

const char *
unixsock_path(const char *address)
{
	size_t len = sizeof(prefix) - 1;

	return strncmp(address, prefix, len) == 0 ? address + len : NULL;
}

/* 1 when a process listens there, else 0; -1: errno says why. */
static int
in_use(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int connected;

	if (fd < 0)
		return -1;
	/* EAGAIN: a process listens there, but its backlog is full. */
	connected =
	    connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
	    errno == EAGAIN;
	(void)close(fd);
	return connected;
}

static int
closed(int fd)
{
	int error = errno;

	(void)close(fd);
	errno = error;
	return -1;
}

int
unixsock_listen(const char *path, int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, rc, used;
	struct stat st;
	mode_t before;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	/* A file that is no socket belongs to another program. */
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	used = in_use(&sun);
	if (used > 0)
		errno = EADDRINUSE;
	if (used != 0)
		return -1;
	(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	before = umask(0117);
	rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	(void)umask(before);
	return rc == 0 && listen(fd, backlog) == 0 ? fd : closed(fd);
}

int
unixsock_is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}
