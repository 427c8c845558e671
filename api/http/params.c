#include "api/http/params.h"

#include <strings.h>

enum { READ_AT_ONCE = 4096, LENGTH_DIGITS_MAX = 15 };

/* SECOND, which may be NULL, counts where the first is missing or empty. */
static const char *
variable(param_fn fn, void *arg, const char *name, const char *second)
{
	const char *value = fn(name, arg);

	if (second == NULL)
		return value;
	if (value == NULL || *value == '\0')
		value = fn(second, arg);
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

	r->method = method != NULL ? request_method(method) : METHOD_OTHER;
	r->target = target != NULL ? target : "";
#define HEADER(field, name, first, second, sender) \
	r->headers.field = variable(fn, arg, first, second);
#include "api/http/headers.def"
#undef HEADER
	r->address = fn("REMOTE_ADDR", arg);
	r->https = is(fn("HTTPS", arg), "on") ||
	    is(r->headers.forwarded_proto, "https");
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
	size_t most = REQUEST_BODY_MAX + 1;

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
