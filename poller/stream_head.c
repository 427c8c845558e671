#include "poller/stream_head.h"

#include "api/http/reply.h"

static void
add_header(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s: %s\r\n", name, value);
}

void
stream_head_add(struct buf *b, const struct protocol *protocol,
    const struct cors *cors, enum stream_head then)
{
	struct reply head = {
		.type = protocol->type, .streamed = 1, .cors = *cors
	};

	buf_adds(b, "HTTP/1.1 200 OK\r\n");
	reply_headers(&head, add_header, b);
	add_header(b, "X-Accel-Buffering", "no");
	if (then == STREAM_HEAD_CLOSES)
		add_header(b, "Connection", "close");
}
