#include "db/chat/host_check.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/unixsock.h"

/* Descriptors that a daemon needs beside its streams: about as many. */
enum { OTHERS = 64 };

/* A socket that refuses has lost its listener. */
static void
look_at_socket(const char *value, struct findings *f)
{
	const char *path = unixsock_path(value);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	int fd;

	if (path == NULL || strlen(path) >= sizeof(at.sun_path) ||
	    stat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	memcpy(at.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 &&
	    errno == ECONNREFUSED)
		findings_add(f,
		    "no program listens on %s any more; start the service"
		    " again, or remove the socket",
		    path);
	(void)close(fd);
}

/* The process has the file open. */
static int
has_open(const char *pid, const char *file)
{
	struct buf dir = BUF_INIT;
	const struct dirent *e;
	char target[PATH_MAX];
	int has = 0;
	DIR *d;

	buf_addf(&dir, "/proc/%s/fd", pid);
	d = opendir(buf_str(&dir));
	while (!has && d != NULL && (e = readdir(d)) != NULL) {
		ssize_t n =
		    readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		has = strcmp(target, file) == 0;
	}
	if (d != NULL)
		(void)closedir(d);
	buf_done(&dir);
	return has;
}

static int
is_poller(const char *pid, const char *database)
{
	struct buf path = BUF_INIT;
	char name[32] = "";
	FILE *f;

	buf_addf(&path, "/proc/%s/comm", pid);
	f = fopen(buf_str(&path), "re");
	buf_done(&path);
	if (f == NULL)
		return 0;
	if (fgets(name, sizeof(name), f) == NULL)
		name[0] = '\0';
	(void)fclose(f);
	return strcmp(name, "parlor-poller\n") == 0 && has_open(pid, database);
}

/* How many files the process may open; -1: not known. */
static int64_t
limit_of(const char *pid)
{
	static const char begins[] = "Max open files";
	struct buf path = BUF_INIT;
	int64_t limit = -1;
	char line[256];
	FILE *f;

	buf_addf(&path, "/proc/%s/limits", pid);
	f = fopen(buf_str(&path), "re");
	buf_done(&path);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, begins, sizeof(begins) - 1) == 0)
			limit = strtoll(line + sizeof(begins) - 1, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return limit;
}

static void
look_at_limits(
    const struct settings *s, const char *database, struct findings *f)
{
	const struct dirent *e;
	DIR *d = opendir("/proc");

	while (d != NULL && (e = readdir(d)) != NULL) {
		int64_t limit;

		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    !is_poller(e->d_name, database))
			continue;
		limit = limit_of(e->d_name);
		if (limit >= 0 && limit < s->streams_max + OTHERS)
			findings_add(f,
			    "parlor-poller (process %s) may open %" PRId64
			    " files, but streams_max is %" PRId64
			    "; raise LimitNOFILE in its unit (ulimit -n"
			    " elsewhere), or lower streams_max",
			    e->d_name, limit, s->streams_max);
	}
	if (d != NULL)
		(void)closedir(d);
}

void
host_check_find(
    const struct settings *s, struct findings *f, struct findings *notes)
{
	struct buf path = BUF_INIT;
	char database[PATH_MAX];

	look_at_socket(s->listen, f);
	look_at_socket(s->api_listen, f);
	buf_addf(&path, "%s/parlor.db", s->data);
	if (realpath(buf_str(&path), database) != NULL)
		look_at_limits(s, database, notes);
	buf_done(&path);
}
