#include "tests/load/dialect.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/load/base.h"

int
last_value(
    const char *text, const char *key, const char *end, char *to, size_t size)
{
	const char *found = NULL, *p = text;
	size_t len;

	while ((p = strstr(p, key)) != NULL) {
		p += strlen(key);
		found = p;
	}
	if (found == NULL)
		return 0;
	len = strcspn(found, end);
	if (len >= size)
		give_up_because(key, "is too long");
	memcpy(to, found, len);
	to[len] = '\0';
	return 1;
}

__attribute__((format(printf, 2, 3))) static size_t
write_request(char *to, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to, REQUEST_MAX, format, args);
	va_end(args);
	if (n < 0 || n >= REQUEST_MAX)
		give_up_because("a request", "is too long");
	return (size_t)n;
}

static size_t
write_body(char *to, const struct ask *a, const char *path, const char *body)
{
	return write_request(to,
	    "POST %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/json\r\n%s%s%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    path, a->token[0] != '\0' ? "X-Parlor-Token: " : "", a->token,
	    a->token[0] != '\0' ? "\r\n" : "", strlen(body), body);
}

static size_t
parlor_stream(char *to, const struct ask *a)
{
	return write_request(to,
	    "GET /events?as=sse&rooms=%s HTTP/1.1\r\nHost: localhost\r\n"
	    "X-Parlor-Token: %s\r\n%s%s%s\r\n",
	    a->room, a->token, a->cursor[0] != '\0' ? "Last-Event-ID: " : "",
	    a->cursor, a->cursor[0] != '\0' ? "\r\n" : "");
}

static size_t
parlor_poll(char *to, const struct ask *a)
{
	return write_request(to,
	    "GET /events?as=json&wait=25&rooms=%s&cursor=%s HTTP/1.1\r\n"
	    "Host: localhost\r\nX-Parlor-Token: %s\r\n\r\n",
	    a->room, a->cursor, a->token);
}

static int
parlor_next(char *cursor, const char *head, const char *body)
{
	(void)head;
	return last_value(body, "\"cursor\":\"", "\"", cursor, CURSOR_MAX);
}

static size_t
parlor_post(char *to, const struct ask *a)
{
	char path[128], body[REQUEST_MAX / 2];

	(void)snprintf(
	    path, sizeof(path), "/api/v1/rooms/%s/messages", a->room);
	(void)snprintf(body, sizeof(body),
	    "{\"content\":\"%s\",\"client_id\":\"%s\"}", a->content, a->key);
	return write_body(to, a, path, body);
}

static size_t
parlor_get(char *to, const struct ask *a)
{
	return write_request(to,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "X-Parlor-Token: %s\r\n\r\n",
	    a->path, a->token);
}

static size_t
parlor_create(char *to, const struct ask *a)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
	    "{\"id\":\"%s\",\"title\":\"Load\",\"capacity\":100000,"
	    "\"listed\":false}",
	    a->room);
	return write_body(to, a, "/api/v1/rooms", body);
}

static size_t
parlor_join(char *to, const struct ask *a)
{
	char path[128];

	(void)snprintf(
	    path, sizeof(path), "/api/v1/rooms/%s/chatters", a->room);
	return write_body(to, a, path, "{}");
}

static size_t
nchan_stream(char *to, const struct ask *a)
{
	return write_request(to,
	    "GET /sub?id=%s HTTP/1.1\r\nHost: localhost\r\n"
	    "Accept: text/event-stream\r\n\r\n",
	    a->room);
}

/* The cursor is the message's time and its number in that second. */
static size_t
nchan_poll(char *to, const struct ask *a)
{
	const char *number = strchr(a->cursor, '/');

	if (number == NULL)
		return write_request(to,
		    "GET /poll?id=%s HTTP/1.1\r\nHost: localhost\r\n\r\n",
		    a->room);
	return write_request(to,
	    "GET /poll?id=%s HTTP/1.1\r\nHost: localhost\r\n"
	    "If-Modified-Since: %.*s\r\nIf-None-Match: %s\r\n\r\n",
	    a->room, (int)(number - a->cursor), a->cursor, number + 1);
}

static int
nchan_next(char *cursor, const char *head, const char *body)
{
	char time[CURSOR_MAX / 2 + 8], number[CURSOR_MAX / 4];

	(void)body;
	if (!last_value(
		head, "\r\nLast-Modified: ", "\r", time, sizeof(time)) ||
	    !last_value(head, "\r\nEtag: ", "\r", number, sizeof(number)))
		return 0;
	return snprintf(cursor, CURSOR_MAX, "%s/%s", time, number) < CURSOR_MAX;
}

static size_t
nchan_post(char *to, const struct ask *a)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/pub?id=%s", a->room);
	return write_body(to, a, path, a->content);
}

/*
 * AROUND: Parlor's `id:`, `event:` and `data:` lines and the message's JSON
 * (with names of the usual length); nchan's `id: 1700000000:0` and `data:`.
 */
static const struct dialect dialects[] = {
	{ .name = "parlor",
	    .ready = "event: sync",
	    .around = 251,
	    .has_people = 1,
	    .stream = parlor_stream,
	    .poll = parlor_poll,
	    .next = parlor_next,
	    .post = parlor_post,
	    .get = parlor_get,
	    .create = parlor_create,
	    .join = parlor_join },
	{ .name = "nchan",
	    .ready = ": hi",
	    .around = 25,
	    .stream = nchan_stream,
	    .poll = nchan_poll,
	    .next = nchan_next,
	    .post = nchan_post },
};

const struct dialect *
dialect_named(const char *name)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (strcmp(dialects[i].name, name) == 0)
			return &dialects[i];
	return NULL;
}
