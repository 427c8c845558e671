#include "db/engine/sqlite/doorbell.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/datadir.h"
#include "db/engine/sqlite/result.h"

/*
 * More than a queue holds.  Datagrams left over make the next poll return at
 * once.
 */
enum { DRAIN_MAX = 1024 };

static const char name[] = "doorbell";

/*
 * The address of NAME in DIR.  A path that is too long for a socket address
 * goes through a descriptor of the directory, *FD, which the caller closes
 * after using the address; -1: there is none.
 */
static int
address(const char *dir, const char *file, struct sockaddr_un *to, int *fd)
{
	int n;

	*fd = -1;
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	n = snprintf(to->sun_path, sizeof(to->sun_path), "%s/%s", dir, file);
	if (n > 0 && (size_t)n < sizeof(to->sun_path))
		return 0;
	*fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return -1;
	(void)snprintf(to->sun_path, sizeof(to->sun_path),
	    "/proc/self/fd/%d/%s", *fd, file);
	return 0;
}

static int
make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		log_error("no socket for the doorbell; raise the limit of open"
			  " files",
		    "error=\"%s\"", strerror(errno));
	return fd;
}

/*
 * The socket is bound under a temporary name and then renamed, so that there is
 * always a listener while one daemon takes over from another.
 */
static int
bind_in(int s, const char *dir, int *lacking)
{
	struct buf own = BUF_INIT, from = BUF_INIT, to = BUF_INIT;
	struct sockaddr_un at;
	int fd, rc = -1;

	buf_addf(&own, "%s.%ld", name, (long)getpid());
	buf_addf(&from, "%s/%s", dir, buf_str(&own));
	buf_addf(&to, "%s/%s", dir, name);
	(void)unlink(buf_str(&from));
	if (address(dir, buf_str(&own), &at, &fd) == 0 &&
	    bind(s, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    chmod(buf_str(&from), datadir_file_mode(dir)) == 0 &&
	    rename(buf_str(&from), buf_str(&to)) == 0)
		rc = 0;
	else if (result_of_errno(errno, DB_FAIL) != DB_FAIL)
		*lacking = 1;
	else
		log_error("doorbell cannot be made; make the data directory"
			  " writable, or choose one with a short path",
		    "path=\"%s\" error=\"%s\"", buf_str(&to), strerror(errno));
	if (rc == 0)
		datadir_give(dir);
	else
		(void)unlink(buf_str(&from));
	if (fd >= 0)
		(void)close(fd);
	buf_done(&own);
	buf_done(&from);
	buf_done(&to);
	return rc;
}

int
doorbell_listen(const char *dir, int *lacking)
{
	int s = make_socket();

	*lacking = 0;
	if (s >= 0 && bind_in(s, dir, lacking) != 0) {
		(void)close(s);
		s = -1;
	}
	return s;
}

int
doorbell_open(void)
{
	return make_socket();
}

void
doorbell_ring(int fd, const char *dir)
{
	struct sockaddr_un to;
	int through;

	if (fd < 0 || address(dir, name, &to, &through) != 0)
		return;
	/*
	 * If sending fails, there is no listener, or it will poll the log
	 * anyway.
	 */
	(void)sendto(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&to, sizeof(to));
	if (through >= 0)
		(void)close(through);
}

void
doorbell_drain(int fd)
{
	char byte;

	for (int i = 0; i < DRAIN_MAX; i++)
		if (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) < 0)
			return;
}
