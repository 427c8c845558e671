/*
 * streams: as many event streams as one likes, idle, and how long a message
 * takes to those who read it.
 *
 *   streams HOST:PORT N FILE
 *
 * FILE has a line `room token` for each of the N streams.  Prints `open N`
 * when every stream has had its sync.  A number R on stdin: posts R messages,
 * one at a time, to the rooms in turn, and waits each time until all readers
 * of that room have it; then prints `latency p50 US p99 US heard FRAMES`, in
 * microseconds from before the post to each frame.  Ends at the end of stdin,
 * with 1 when anything went wrong.
 *
 * One thread, one epoll.  Streams are opened a few at a time, from as many
 * addresses of 127.0.0.0/8 as the ports of one do not suffice for.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	ROOM_MAX = 64,
	TOKEN_MAX = 128,
	OPENING_MAX = 64, /* streams that wait for their sync */
	PER_ADDRESS = 20000, /* ports used of one source address */
	EVENTS = 256,
	READ_MAX = 65536,
	MARK_MAX = 32,
	WAIT_MS = 30000, /* for anything at all to happen */
};

struct stream {
	int fd;
	int synced;
	size_t tail; /* bytes kept in KEPT */
	char kept[MARK_MAX]; /* a mark may be split by reads */
	char room[ROOM_MAX];
	char token[TOKEN_MAX];
};

struct run {
	struct sockaddr_in server;
	struct stream *streams;
	size_t n;
	size_t opened; /* connects begun */
	size_t synced;
	int epoll;
	int poster; /* the connection that posts */
	char mark[MARK_MAX]; /* in this round's message */
	int64_t began; /* ns */
	int64_t *took; /* ns, of each frame heard */
	size_t heard;
	size_t room; /* for this round's message */
};

_Noreturn static void
fail(const char *what)
{
	fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		fail("clock");
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
raise_descriptors(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		fail("RLIMIT_NOFILE");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) != 0)
		fail("RLIMIT_NOFILE");
}

static void
read_address(struct run *run, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[64];

	run->server.sin_family = AF_INET;
	if (colon == NULL || (size_t)(colon - text) >= sizeof(host)) {
		errno = EINVAL;
		fail(text);
	}
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	run->server.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &run->server.sin_addr) != 1) {
		errno = EINVAL;
		fail(host);
	}
}

static void
read_file(struct run *run, const char *name)
{
	FILE *file = fopen(name, "r");

	if (file == NULL)
		fail(name);
	for (size_t i = 0; i < run->n; i++)
		if (fscanf(file, "%63s %127s", run->streams[i].room,
			run->streams[i].token) != 2) {
			errno = EINVAL;
			fail("too few lines");
		}
	fclose(file);
}

/* The Nth connection: of a source address that has ports left. */
static int
dial(const struct run *run, size_t n)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	own.sin_addr.s_addr =
	    htonl(INADDR_LOOPBACK + (uint32_t)(n / PER_ADDRESS));
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
		sizeof(one)) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		fail("setsockopt");
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) != 0)
		fail("bind");
	if (connect(fd, (const struct sockaddr *)&run->server,
		sizeof(run->server)) != 0)
		fail("connect");
	return fd;
}

static void
send_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0)
			fail("send");
		text += n;
		len -= (size_t)n;
	}
}

static void
open_stream(struct run *run, size_t i)
{
	struct stream *s = &run->streams[i];
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = i };
	char text[512];
	int len;

	s->fd = dial(run, i);
	len = snprintf(text, sizeof(text),
	    "GET /events?as=sse&rooms=%s HTTP/1.1\r\n"
	    "Host: localhost\r\nX-Parlor-Token: %s\r\n\r\n",
	    s->room, s->token);
	send_all(s->fd, text, (size_t)len);
	if (epoll_ctl(run->epoll, EPOLL_CTL_ADD, s->fd, &event) != 0)
		fail("epoll");
}

/* Whether DATA, with the tail of what came before, has MARK in it. */
static int
has(const char *data, const char *mark)
{
	return mark[0] != '\0' && strstr(data, mark) != NULL;
}

static void
note(struct run *run, struct stream *s, const char *data)
{
	if (!s->synced && has(data, "event: sync")) {
		s->synced = 1;
		run->synced++;
		s->tail = 0;
	} else if (has(data, run->mark) &&
	    strcmp(s->room, run->streams[run->room].room) == 0) {
		run->took[run->heard++] = now() - run->began;
		s->tail = 0;
	}
}

static void
read_stream(struct run *run, struct stream *s)
{
	static char data[MARK_MAX + READ_MAX + 1];
	ssize_t n = recv(s->fd, data + s->tail, READ_MAX, 0);
	size_t len;

	if (n <= 0) {
		errno = n < 0 ? errno : ECONNRESET;
		fail("a stream has ended");
	}
	memcpy(data, s->kept, s->tail);
	len = s->tail + (size_t)n;
	data[len] = '\0';
	s->tail = len < MARK_MAX - 1 ? len : MARK_MAX - 1;
	memcpy(s->kept, data + len - s->tail, s->tail);
	if (!s->synced && strncmp(data, "HTTP/1.1 200", 12) != 0 &&
	    strncmp(data, "HTTP/1.1", 8) == 0) {
		errno = EPROTO;
		fprintf(stderr, "%s\n", data);
		fail("a stream was refused");
	}
	note(run, s, data);
}

static void
step(struct run *run)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(run->epoll, events, EVENTS, WAIT_MS);

	if (n == 0)
		errno = ETIMEDOUT;
	if (n <= 0)
		fail("nothing happens");
	for (int i = 0; i < n; i++)
		read_stream(run, &run->streams[events[i].data.u64]);
}

static void
open_all(struct run *run)
{
	while (run->synced < run->n) {
		while (run->opened < run->n &&
		    run->opened - run->synced < OPENING_MAX)
			open_stream(run, run->opened++);
		step(run);
	}
	printf("open %zu\n", run->synced);
	fflush(stdout);
}

static void
post(struct run *run)
{
	const struct stream *s = &run->streams[run->room];
	char body[128], text[512];
	int len, size;

	len = snprintf(body, sizeof(body), "{\"content\":\"%s\"}", run->mark);
	size = snprintf(text, sizeof(text),
	    "POST /api/v1/rooms/%s/messages HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/json\r\nX-Parlor-Token: %s\r\n"
	    "Content-Length: %d\r\n\r\n%s",
	    s->room, s->token, len, body);
	run->began = now();
	send_all(run->poster, text, (size_t)size);
}

static void
read_answer(struct run *run)
{
	char text[4096];
	ssize_t n = recv(run->poster, text, sizeof(text) - 1, 0);

	if (n <= 0 || strncmp(text, "HTTP/1.1 201", 12) != 0) {
		errno = EPROTO;
		fail("a message was refused");
	}
}

/* How many of the streams, which stand room after room, are in this room. */
static size_t
readers(const struct run *run)
{
	size_t n = run->room;

	while (n < run->n &&
	    strcmp(run->streams[n].room, run->streams[run->room].room) == 0)
		n++;
	return n - run->room;
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
measure(struct run *run, size_t rounds)
{
	size_t most = 0, want = 0, count;

	for (run->room = 0; run->room < run->n; run->room += count) {
		count = readers(run);
		most = count > most ? count : most;
	}
	run->took = calloc(rounds * most + 1, sizeof(*run->took));
	if (run->took == NULL)
		fail("memory");
	run->room = 0;
	run->heard = 0;
	for (size_t i = 0; i < rounds; i++) {
		snprintf(run->mark, sizeof(run->mark), "mark-%zu-end", i);
		want += readers(run);
		post(run);
		while (run->heard < want)
			step(run);
		read_answer(run);
		run->room = (run->room + readers(run)) % run->n;
	}
	qsort(run->took, run->heard, sizeof(*run->took), by_time);
	printf("latency p50 %" PRId64 " p99 %" PRId64 " heard %zu\n",
	    run->took[run->heard / 2] / 1000,
	    run->took[run->heard * 99 / 100] / 1000, run->heard);
	fflush(stdout);
	free(run->took);
}

int
main(int argc, char **argv)
{
	struct run run = { .epoll = epoll_create1(EPOLL_CLOEXEC) };
	char line[32];

	if (argc != 4) {
		fprintf(stderr, "usage: streams host:port n file\n");
		return 2;
	}
	raise_descriptors();
	read_address(&run, argv[1]);
	run.n = strtoul(argv[2], NULL, 10);
	run.streams = calloc(run.n, sizeof(*run.streams));
	if (run.streams == NULL || run.n == 0)
		fail("memory");
	read_file(&run, argv[3]);
	open_all(&run);
	run.poster = dial(&run, run.n);
	while (fgets(line, sizeof(line), stdin) != NULL)
		measure(&run, strtoul(line, NULL, 10));
	free(run.streams);
	return 0;
}
