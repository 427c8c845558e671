/*
 * floor: the most that the kernel can do.  A bare epoll loop speaks the nchan
 * dialect as far as `load` needs it: it answers each POST and sends the body
 * as one frame to every GET.  It has no rooms and keeps nothing.  Everything
 * that came in one turn goes to each reader in one write.
 *
 * Prints `listening 127.0.0.1:PORT`; ends when a reader leaves.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/load/base.h"
#include "tests/load/http.h"

enum { EVENTS = 512, BACKLOG = 4096, REQUEST_MAX_LEN = 8192 };

struct peer {
	int fd;
	int reads; /* is an event stream */
	size_t len;
	char request[REQUEST_MAX_LEN];
};

/* A stream that the socket has no room for gets the rest later. */
struct reader {
	int fd;
	struct text rest;
};

struct floor {
	int epoll, listener;
	struct reader *readers;
	size_t n, room;
	struct text frames; /* of this turn */
	uint64_t id;
};

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n: hi\n\n";
static const char posted[] =
    "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

static void
watch(const struct floor *f, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		give_up("epoll");
}

static void
take_peers(const struct floor *f)
{
	int fd, one = 1;

	while ((fd = accept4(f->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct peer *p = need(1, sizeof(*p));

		if (setsockopt(
			fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
			give_up("setsockopt");
		p->fd = fd;
		watch(f, fd, p);
	}
	if (errno != EAGAIN)
		give_up("accept");
}

static void
add_reader(struct floor *f, struct peer *p)
{
	if (f->n == f->room) {
		f->room = f->room > 0 ? f->room * 2 : 1024;
		f->readers = realloc(f->readers, f->room * sizeof(*f->readers));
		if (f->readers == NULL)
			give_up("memory");
	}
	p->reads = 1;
	f->readers[f->n++] = (struct reader){ .fd = p->fd };
	if (send_all(p->fd, stream_head, sizeof(stream_head) - 1) != 0)
		give_up("send");
}

static void
add_frame(struct floor *f, const char *body, size_t len)
{
	char id[48];
	int n = snprintf(id, sizeof(id),
	    "id: 1700000000:%llu\ndata: ", (unsigned long long)f->id++ % 10);

	text_add(&f->frames, id, (size_t)n);
	text_add(&f->frames, body, len);
	text_add(&f->frames, "\n\n", 2);
}

/* One request at a time: a client waits for the answer to its last. */
static void
take_request(struct floor *f, struct peer *p)
{
	const char *body, *length;
	size_t len;

	p->request[p->len] = '\0';
	body = strstr(p->request, "\r\n\r\n");
	if (body == NULL)
		return;
	if (p->request[0] == 'G') {
		add_reader(f, p);
		return;
	}
	body += 4;
	length = strstr(p->request, "Content-Length: ");
	len = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
	if (p->len < (size_t)(body - p->request) + len)
		return;
	add_frame(f, body, len);
	p->len = 0;
	if (send_all(p->fd, posted, sizeof(posted) - 1) != 0)
		give_up("send");
}

/* When a reader leaves, the program ends. */
static void
hear_peer(struct floor *f, struct peer *p)
{
	ssize_t n = recv(p->fd, p->request + p->len,
	    sizeof(p->request) - 1 - p->len, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 && p->reads)
		exit(0);
	if (n <= 0) {
		(void)close(p->fd);
		free(p);
		return;
	}
	p->len += (size_t)n;
	take_request(f, p);
}

/* Returns how much of P the socket has taken. */
static size_t
offer(int fd, const char *p, size_t len)
{
	ssize_t n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN)
		exit(0);
	return n > 0 ? (size_t)n : 0;
}

static void
push(struct reader *r, const char *p, size_t len)
{
	size_t sent = 0;

	if (r->rest.len > 0) {
		sent = offer(r->fd, r->rest.p, r->rest.len);
		memmove(r->rest.p, r->rest.p + sent, r->rest.len - sent);
		r->rest.len -= sent;
		sent = 0;
	}
	if (r->rest.len == 0)
		sent = offer(r->fd, p, len);
	if (sent < len)
		text_add(&r->rest, p + sent, len - sent);
}

/* Returns whether some reader still has bytes to come. */
static int
fan_out(struct floor *f, int lacking)
{
	int lacks = 0;

	if (f->frames.len == 0 && !lacking)
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		push(&f->readers[i], f->frames.p, f->frames.len);
		lacks |= f->readers[i].rest.len > 0;
	}
	f->frames.len = 0;
	return lacks;
}

static void
start(struct floor *f)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	struct rlimit limit;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		give_up("RLIMIT_NOFILE");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		give_up("RLIMIT_NOFILE");
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	f->listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->epoll < 0 || f->listener < 0 ||
	    bind(f->listener, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(f->listener, BACKLOG) != 0 ||
	    getsockname(f->listener, (struct sockaddr *)&at, &len) != 0)
		give_up("listen");
	watch(f, f->listener, NULL);
	printf("listening 127.0.0.1:%d\n", ntohs(at.sin_port));
	(void)fflush(stdout);
}

int
main(void)
{
	struct floor f = { 0 };
	struct epoll_event ready[EVENTS];
	int lacking = 0;

	start(&f);
	for (;;) {
		int n = epoll_wait(f.epoll, ready, EVENTS, lacking ? 1 : -1);

		if (n < 0 && errno != EINTR)
			give_up("epoll");
		for (int i = 0; i < n; i++)
			if (ready[i].data.ptr == NULL)
				take_peers(&f);
			else
				hear_peer(&f, ready[i].data.ptr);
		lacking = fan_out(&f, lacking);
	}
}
