#include "poller/stream_head.h"

#define HEAD_COMMON                                     \
	"Cache-Control: no-store, no-transform\r\n"     \
	"X-Content-Type-Options: nosniff\r\n"           \
	"Content-Security-Policy: default-src 'none'; " \
	"frame-ancestors 'none'\r\n"                    \
	"Referrer-Policy: no-referrer\r\n"              \
	"X-Accel-Buffering: no\r\n"                     \
	"Connection: close\r\n"

static const char *const heads[] = {
	[DELIVERY_SSE] = "HTTP/1.1 200 OK\r\n"
			 "Content-Type: text/event-stream\r\n" HEAD_COMMON,
	[DELIVERY_NDJSON] =
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: application/x-ndjson\r\n" HEAD_COMMON,
	[DELIVERY_POLL] = "HTTP/1.1 200 OK\r\n"
			  "Content-Type: application/json\r\n" HEAD_COMMON,
};

static void
add_header(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s: %s\r\n", name, value);
}

void
stream_head_add(struct buf *b, enum delivery delivery, const struct cors *cors)
{
	buf_adds(b, heads[delivery]);
	cors_headers(cors, add_header, b);
}
