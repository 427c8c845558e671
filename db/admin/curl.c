#include "db/admin/curl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/version.h"

enum { LIMIT_S = 20, PORTION = 16384, ANSWER_MAX = 8 << 20 };

/* curl's options, as lines of a file of options. */
static const char always[] =
    "silent\nshow-error\nno-buffer\ninclude\ngloboff\npath-as-is\n"
    "stderr = \"-\"\nproto = \"=http,https\"\nconnect-timeout = 10\n"
    "user-agent = \"parlor-doctor/" PARLOR_VERSION "\"\n";

/*
 * A value may come from the site that is asked: a line break in it would begin
 * an option of the site's choice, such as the name of a file to write.
 */
static void
add_option(struct buf *to, const char *name, const char *value)
{
	buf_addf(to, "%s = \"", name);
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value < ' ')
			continue;
		if (*value == '"' || *value == '\\')
			buf_addc(to, '\\');
		buf_addc(to, *value);
	}
	buf_adds(to, "\"\n");
}

static void
write_options(struct buf *to, const struct curl_request *r)
{
	int copies = r->copies > 0 ? r->copies : 1;

	buf_adds(to, always);
	buf_adds(to, r->http2 ? "http2\n" : "http1.1\n");
	buf_addf(to, "max-time = %d\n", r->limit_s > 0 ? r->limit_s : LIMIT_S);
	if (r->method != NULL)
		add_option(to, "request", r->method);
	for (int i = 0; i < CURL_HEADERS_MAX && r->headers[i] != NULL; i++)
		add_option(to, "header", r->headers[i]);
	if (r->body != NULL)
		add_option(to, "data-binary", r->body);
	if (copies > 1)
		buf_addf(to,
		    "parallel\nparallel-immediate\nno-progress-meter\nparallel-max = %d\n",
		    copies);
	for (int i = 0; i < copies; i++)
		add_option(to, "url", r->url);
}

static int
start(struct curl *c, int in, int out)
{
	char name[] = "curl", alone[] = "-q", from[] = "-K", here[] = "-";
	char *const argv[] = { name, alone, from, here, NULL };
	posix_spawn_file_actions_t actions;
	int error;

	must(posix_spawn_file_actions_init(&actions) == 0);
	must(posix_spawn_file_actions_adddup2(&actions, in, 0) == 0);
	must(posix_spawn_file_actions_adddup2(&actions, out, 1) == 0);
	error = posix_spawnp(&c->pid, name, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (error == 0)
		return 0;
	c->pid = 0;
	log_error("the program curl cannot be started; install it", "error=%s",
	    strerror(error));
	return -1;
}

static void
give(int fd, const struct buf *bytes)
{
	size_t n = 0;

	while (n < bytes->len) {
		ssize_t k = write(fd, bytes->p + n, bytes->len - n);

		if (k < 0 && errno != EINTR)
			return;
		n += k > 0 ? (size_t)k : 0;
	}
}

int
curl_open(struct curl *c, const struct curl_request *r)
{
	struct buf options = BUF_INIT;
	int to[2], from[2], rc;

	/* curl may end before it has read everything. */
	(void)signal(SIGPIPE, SIG_IGN);
	must(pipe2(to, O_CLOEXEC) == 0);
	must(pipe2(from, O_CLOEXEC) == 0);
	rc = start(c, to[0], from[1]);
	(void)close(to[0]);
	(void)close(from[1]);
	c->out = from[0];
	write_options(&options, r);
	if (rc == 0)
		give(to[1], &options);
	else
		(void)close(c->out);
	(void)close(to[1]);
	buf_done(&options);
	return rc;
}

enum curl_more
curl_more(struct curl *c, int64_t until)
{
	struct pollfd p = { c->out, POLLIN, 0 };
	int64_t left = until - clock_waits();
	ssize_t n;

	if (c->got.len >= ANSWER_MAX)
		return CURL_END;
	if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
		return CURL_LATE;
	n = read(c->out, buf_space(&c->got, PORTION), PORTION);
	if (n <= 0)
		return CURL_END;
	c->got.len += (size_t)n;
	c->got.p[c->got.len] = '\0';
	return CURL_DATA;
}

void
curl_close(struct curl *c)
{
	if (c->pid > 0) {
		(void)kill(c->pid, SIGTERM);
		(void)close(c->out);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	buf_done(&c->got);
	*c = (struct curl){ 0 };
}

int
curl_ask(struct curl *c, const struct curl_request *r)
{
	curl_close(c);
	if (curl_open(c, r) != 0)
		return 0;
	/* curl itself ends at its limit. */
	while (curl_more(c, INT64_MAX) != CURL_END)
		continue;
	return curl_status(c);
}

static int
status_at(const char *head)
{
	const char *space = strchr(head, ' ');

	return space != NULL ? (int)strtol(space, NULL, 10) : 0;
}

/* The last head, behind those of interim answers; NULL: not all has come. */
static const char *
last_head(const struct curl *c, const char **end)
{
	const char *head = buf_str(&c->got);

	while (strncmp(head, "HTTP/", 5) == 0) {
		*end = strstr(head, "\r\n\r\n");
		if (*end == NULL)
			return NULL;
		*end += 4;
		if (status_at(head) >= 200 || strncmp(*end, "HTTP/", 5) != 0)
			return head;
		head = *end;
	}
	return NULL;
}

int
curl_status(const struct curl *c)
{
	const char *end, *head = last_head(c, &end);

	return head != NULL ? status_at(head) : 0;
}

int
curl_by_http2(const struct curl *c)
{
	const char *end, *head = last_head(c, &end);

	return head != NULL && strncmp(head, "HTTP/2", 6) == 0;
}

const char *
curl_body(const struct curl *c, size_t *len)
{
	const char *end, *head = last_head(c, &end);

	if (head == NULL)
		end = buf_str(&c->got) + c->got.len;
	if (len != NULL)
		*len = c->got.len - (size_t)(end - buf_str(&c->got));
	return end;
}

int
curl_header(const struct curl *c, const char *name, struct buf *value)
{
	const char *end, *p = last_head(c, &end);
	size_t len = strlen(name);
	int found = 0;

	buf_clear(value);
	for (; p != NULL && p < end; p = strchr(p, '\n') + 1) {
		const char *v = p + len;

		if (strncasecmp(p, name, len) != 0 || *v++ != ':')
			continue;
		v += strspn(v, " \t");
		buf_clear(value);
		buf_add(value, v, strcspn(v, "\r\n"));
		found++;
	}
	return found;
}

const char *
curl_trouble(const struct curl *c)
{
	const char *end;
	const char *said = last_head(c, &end) != NULL ? end : buf_str(&c->got);

	said = strstr(said, "curl: (");
	return said != NULL ? said : "";
}
