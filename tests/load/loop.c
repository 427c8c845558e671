#include "tests/load/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/load/base.h"

enum {
	EVENTS = 256, /* of epoll, at once */
	PER_ADDRESS = 20000 /* ports used of one source address */
};

static void
raise_descriptors(size_t connections)
{
	enum { OTHERS = 64 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		give_up("RLIMIT_NOFILE");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		give_up("RLIMIT_NOFILE");
	if (limit.rlim_cur < connections + OTHERS)
		give_up_because("too few descriptors are allowed",
		    "raise the limit, see prlimit(1)");
}

static void
read_address(struct sockaddr_in *to, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[64] = "";

	to->sin_family = AF_INET;
	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		give_up_because(text, "is no address and port");
	memcpy(host, text, (size_t)(colon - text));
	to->sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &to->sin_addr) != 1)
		give_up_because(text, "is no address and port");
}

void
loop_open(struct loop *l, const char *server, size_t connections)
{
	raise_descriptors(connections);
	read_address(&l->server, server);
	l->addresses = 1 + connections / PER_ADDRESS;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		give_up("epoll");
	/* A rate is kept to the microsecond. */
	if (prctl(PR_SET_TIMERSLACK, 1) != 0)
		give_up("timer slack");
}

static int
connect_from(const struct loop *l, int fd, size_t n)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	int one = 1;

	own.sin_addr.s_addr =
	    htonl(INADDR_LOOPBACK + (uint32_t)(n % l->addresses));
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
		sizeof(one)) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		give_up("setsockopt");
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) != 0)
		give_up("bind");
	return connect(
	    fd, (const struct sockaddr *)&l->server, sizeof(l->server));
}

void
loop_watch(const struct loop *l, int fd, struct source *s)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };

	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		give_up("epoll");
}

int
loop_dial(struct loop *l, size_t n, struct source *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		give_up("socket");
	if (connect_from(l, fd, n) != 0) {
		if (errno != ECONNREFUSED && errno != ECONNRESET)
			give_up("connect");
		(void)close(fd);
		return -1;
	}
	loop_watch(l, fd, s);
	return fd;
}

void
loop_step(struct loop *l, int64_t until)
{
	struct epoll_event events[EVENTS];
	int64_t wait = until - now_ns();
	struct timespec ts = { 0 };
	int n;

	if (wait > 0)
		ts = (struct timespec){ wait / NS_PER_S, wait % NS_PER_S };
	n = epoll_pwait2(l->epoll, events, EVENTS, &ts, NULL);
	if (n < 0 && errno != EINTR)
		give_up("epoll");
	for (int i = 0; i < n; i++) {
		struct source *s = events[i].data.ptr;

		s->readable(s);
	}
}

int
send_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
