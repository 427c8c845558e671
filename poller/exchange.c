#include "poller/exchange.h"

#include <string.h>
#include <strings.h>

#include "db/base/must.h"
#include "poller/deadline.h"
#include "poller/request_quota.h"

struct exchange *
exchange_open(struct service *service, const char *target)
{
	struct exchange *x = must_alloc(sizeof(*x));

	x->service = service;
	x->target = must_copy(target);
	return x;
}

void
exchange_close(struct exchange *x)
{
	free(x->handed);
	buf_done(&x->body);
	buf_done(&x->accept);
	free(x->target);
	free(x);
}

static int
named(const char *key, size_t len, const char *name, size_t name_len)
{
	return len == name_len && strncasecmp(key, name, len) == 0;
}

/* Of several fields of one name the first counts. */
static enum MHD_Result
read_header(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_len,
    const char *value, size_t len)
{
	struct exchange *x = arg;

	(void)kind;
	if (named(key, key_len, MHD_HTTP_HEADER_ACCEPT,
		sizeof(MHD_HTTP_HEADER_ACCEPT) - 1)) {
		if (x->accept.len > 0)
			buf_adds(&x->accept, ", ");
		buf_add(&x->accept, value, len);
	}
#define HEADER(field, name, variable, second, sender)      \
	if (x->headers.field == NULL &&                    \
	    named(key, key_len, name, sizeof(name) - 1)) { \
		x->headers.field = value;                  \
		return MHD_YES;                            \
	}
#include "api/http/headers.def"
#undef HEADER
	return MHD_YES;
}

void
exchange_read_headers(struct exchange *x)
{
	(void)MHD_get_connection_values_n(
	    x->connection, MHD_HEADER_KIND, read_header, x);
	if (x->headers.accept != NULL)
		x->headers.accept = buf_str(&x->accept);
}

struct request
exchange_request(const struct exchange *x, const char *address)
{
	const char *proto = x->headers.forwarded_proto;

	return (struct request){
		.method = request_method(x->method),
		.target = x->target,
		.headers = x->headers,
		.address = address,
		.https = proto != NULL && strcmp(proto, "https") == 0,
		.body = x->body.p,
		.len = x->body.len,
	};
}

int
exchange_is_get(const struct exchange *x)
{
	return strcmp(x->method, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(x->method, MHD_HTTP_METHOD_HEAD) == 0;
}

void
exchange_add_header(void *arg, const char *name, const char *value)
{
	must(MHD_add_response_header(arg, name, value) == MHD_YES);
}

enum MHD_Result
exchange_queue(struct exchange *x, int status, struct MHD_Response *r)
{
	enum MHD_Result rc =
	    MHD_queue_response(x->connection, (unsigned)status, r);

	if (rc == MHD_YES && x->deadline != NULL)
		deadline_answer(x->service->deadlines, x->deadline, x->length);
	MHD_destroy_response(r);
	return rc;
}

/* The body of an answer, which counts until libmicrohttpd frees it. */
struct held {
	struct request_quota *quota;
	uint64_t address;
	size_t len;
	char *body;
};

static void
release(void *arg)
{
	struct held *h = arg;

	request_quota_end(h->quota, h->address, h->len);
	free(h->body);
	free(h);
}

static struct MHD_Response *
response(struct exchange *x, struct reply *reply)
{
	struct held *h = must_alloc(sizeof(*h));
	struct MHD_Response *r;

	buf_fit(&reply->body);
	*h = (struct held){ x->service->requests, x->address, reply->body.len,
		reply->body.p };
	x->length = h->len;
	request_quota_begin(h->quota, h->address, h->len);
	r = MHD_create_response_from_buffer_with_free_callback_cls(
	    h->len, h->body, release, h);
	must(r != NULL);
	reply->body = (struct buf)BUF_INIT;
	reply_headers(reply, exchange_add_header, r);
	return r;
}

enum MHD_Result
exchange_reply(struct exchange *x, struct reply *reply)
{
	struct MHD_Response *r;
	int status = reply->status;

	reply->cors = x->cors;
	r = response(x, reply);
	if (reply->handed != NULL)
		x->handed = reply->handed;
	reply->handed = NULL;
	reply_done(reply);
	return exchange_queue(x, status, r);
}

enum MHD_Result
exchange_problem(struct exchange *x, enum problem problem)
{
	struct reply reply = reply_problem(problem);
	struct MHD_Response *r;
	int status = reply.status;

	if (problem == PROBLEM_METHOD_NOT_ALLOWED)
		buf_adds(&reply.allow, "GET");
	reply.cors = x->cors;
	r = response(x, &reply);
	if (status == MHD_HTTP_UPGRADE_REQUIRED)
		exchange_add_header(r, "Upgrade", "websocket");
	/* Later bytes on the connection cannot be trusted either. */
	if (problem == PROBLEM_MALFORMED_REQUEST)
		exchange_add_header(r, "Connection", "close");
	reply_done(&reply);
	return exchange_queue(x, status, r);
}

enum MHD_Result
exchange_text(struct exchange *x, const char *type, struct buf *body)
{
	struct reply reply = reply_json(MHD_HTTP_OK);

	reply.type = type;
	reply.body = *body;
	*body = (struct buf)BUF_INIT;
	return exchange_reply(x, &reply);
}
