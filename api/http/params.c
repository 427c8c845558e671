#include "api/http/params.h"

#include <strings.h>

enum { READ_AT_ONCE = 4096, LENGTH_DIGITS_MAX = 15 };

static const char *
either(param_fn fn, void *arg, const char *name, const char *other)
{
	const char *value = fn(name, arg);

	if (value == NULL || *value == '\0')
		value = fn(other, arg);
	return value != NULL && *value != '\0' ? value : NULL;
}

static int
is(const char *value, const char *what)
{
	return value != NULL && strcasecmp(value, what) == 0;
}

void
params_read(struct request *r, param_fn fn, void *arg)
{
	const char *method = fn("REQUEST_METHOD", arg);
	const char *target = fn("REQUEST_URI", arg);

	r->method = method != NULL ? method_read(method) : METHOD_OTHER;
	r->target = target != NULL ? target : "";
	r->content_type = either(fn, arg, "CONTENT_TYPE", "HTTP_CONTENT_TYPE");
	r->content_encoding = fn("HTTP_CONTENT_ENCODING", arg);
	/* A RewriteRule that sets the first may have been redirected. */
	r->authorization = either(
	    fn, arg, "HTTP_AUTHORIZATION", "REDIRECT_HTTP_AUTHORIZATION");
	r->parlor_token = fn("HTTP_X_PARLOR_TOKEN", arg);
	r->idempotency_key = fn("HTTP_IDEMPOTENCY_KEY", arg);
	r->accept = fn("HTTP_ACCEPT", arg);
	r->accept_language = fn("HTTP_ACCEPT_LANGUAGE", arg);
	r->last_event_id = fn("HTTP_LAST_EVENT_ID", arg);
	r->cookie = fn("HTTP_COOKIE", arg);
	r->parlor_request = fn("HTTP_X_PARLOR_REQUEST", arg);
	r->preflight = fn("HTTP_ACCESS_CONTROL_REQUEST_METHOD", arg);
	r->from = (struct cors_request){ fn("HTTP_ORIGIN", arg),
		fn("HTTP_HOST", arg), fn("HTTP_X_FORWARDED_HOST", arg),
		fn("HTTP_SEC_FETCH_SITE", arg) };
	r->preflight_headers = fn("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", arg);
	r->address = fn("REMOTE_ADDR", arg);
	r->https = is(fn("HTTPS", arg), "on") ||
	    is(fn("HTTP_X_FORWARDED_PROTO", arg), "https");
}

int64_t
params_length(param_fn fn, void *arg)
{
	const char *text = fn("CONTENT_LENGTH", arg);
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0)
		return -1;
	if (len > LENGTH_DIGITS_MAX || strspn(text, "0123456789") != len)
		return -2;
	return strtoll(text, NULL, 10);
}

static void
add_header(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s: %s\r\n", name, value);
}

void
params_add_head(struct buf *b, const struct reply *r)
{
	buf_addf(b, "Status: %d %s\r\n", r->status, problem_phrase(r->status));
	reply_headers(r, add_header, b);
	buf_adds(b, "\r\n");
}

int
params_body(struct buf *body, int64_t length, read_fn fn, void *arg)
{
	size_t most = API_BODY_MAX + 1;

	if (length >= 0 && length < (int64_t)most)
		most = (size_t)length;
	while (body->len < most) {
		size_t want = most - body->len;
		int64_t got;

		if (want > READ_AT_ONCE)
			want = READ_AT_ONCE;
		got = fn(arg, buf_space(body, want), want);
		if (got <= 0)
			return length < 0 && got == 0 ? 0 : -1;
		body->len += (size_t)got;
		body->p[body->len] = '\0';
	}
	return 0;
}
