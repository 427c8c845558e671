#include "api/params.h"

enum { READ_AT_ONCE = 4096, LENGTH_DIGITS_MAX = 15 };

static const char *
either(param_fn fn, void *arg, const char *name, const char *other)
{
	const char *value = fn(name, arg);

	if (value == NULL || *value == '\0')
		value = fn(other, arg);
	return value != NULL && *value != '\0' ? value : NULL;
}

void
params_read(struct request *r, param_fn fn, void *arg)
{
	const char *method = fn("REQUEST_METHOD", arg);
	const char *target = fn("REQUEST_URI", arg);

	r->method = method != NULL ? method_read(method) : METHOD_OTHER;
	r->target = target != NULL ? target : "";
	r->content_type = either(fn, arg, "CONTENT_TYPE", "HTTP_CONTENT_TYPE");
	/* A RewriteRule that sets the first may have been redirected. */
	r->authorization = either(
	    fn, arg, "HTTP_AUTHORIZATION", "REDIRECT_HTTP_AUTHORIZATION");
	r->parlor_token = fn("HTTP_X_PARLOR_TOKEN", arg);
	r->idempotency_key = fn("HTTP_IDEMPOTENCY_KEY", arg);
	r->accept = fn("HTTP_ACCEPT", arg);
	r->accept_language = fn("HTTP_ACCEPT_LANGUAGE", arg);
	r->last_event_id = fn("HTTP_LAST_EVENT_ID", arg);
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

void
params_add_head(struct buf *b, const struct reply *r)
{
	buf_addf(b, "Status: %d %s\r\n", r->status, problem_phrase(r->status));
	if (r->type != NULL)
		buf_addf(b, "Content-Type: %s\r\n", r->type);
	if (r->location.len > 0)
		buf_addf(b, "Location: %s\r\n", buf_str(&r->location));
	if (r->allow.len > 0)
		buf_addf(b, "Allow: %s\r\n", buf_str(&r->allow));
	if (r->retry_after > 0)
		buf_addf(b, "Retry-After: %d\r\n", r->retry_after);
	if (r->authenticate)
		buf_adds(b, "WWW-Authenticate: Bearer\r\n");
	for (size_t i = 0; reply_headers[i] != NULL; i += 2)
		buf_addf(
		    b, "%s: %s\r\n", reply_headers[i], reply_headers[i + 1]);
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
