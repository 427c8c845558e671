#include "poller/stream_head.h"

/* Behind the media type. */
static const char common[] = "Cache-Control: no-store, no-transform\r\n"
			     "X-Content-Type-Options: nosniff\r\n"
			     "Content-Security-Policy: default-src 'none'; "
			     "frame-ancestors 'none'\r\n"
			     "Referrer-Policy: no-referrer\r\n"
			     "X-Accel-Buffering: no\r\n"
			     "Connection: close\r\n";

static void
add_header(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s: %s\r\n", name, value);
}

void
stream_head_add(
    struct buf *b, const struct protocol *protocol, const struct cors *cors)
{
	buf_adds(b, "HTTP/1.1 200 OK\r\nContent-Type: ");
	buf_adds(b, protocol->type);
	buf_adds(b, "\r\n");
	buf_adds(b, common);
	cors_headers(cors, add_header, b);
}
