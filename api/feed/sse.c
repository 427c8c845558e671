/* Server-Sent Events (the HTML standard, section 9.2), for EventSource. */

#include "api/feed/protocol.h"
#include "api/feed/cursor.h"
#include "api/feed/wire.h"

/*
 * An id without data triggers no listener, but a client that is cut off before
 * the next event sends it as Last-Event-ID.
 */
static void
add_position(struct buf *b, const char *epoch, int64_t seq)
{
	buf_adds(b, "id: ");
	cursor_add(b, epoch, seq);
	buf_adds(b, "\n\n");
}

static void
control(struct buf *b, const char *name, const char *data)
{
	buf_adds(b, "event: ");
	buf_adds(b, name);
	buf_adds(b, "\ndata: ");
	buf_adds(b, data);
	buf_adds(b, "\n\n");
}

/* EventSource is told how long to wait before it reconnects. */
static void
begin(struct buf *b, const struct subscription *s,
    const struct protocol_times *times)
{
	struct buf sync = BUF_INIT;

	wire_add_sync(&sync, s, times);
	buf_adds(b, "retry: ");
	buf_addi(b, times->retry_ms);
	buf_addc(b, '\n');
	control(b, "sync", buf_str(&sync));
	add_position(b, s->log.epoch, s->cursor);
	buf_done(&sync);
}

static void
frame(struct buf *b, const char *epoch, const struct event *e)
{
	buf_adds(b, "id: ");
	cursor_add(b, epoch, e->seq);
	buf_adds(b, "\nevent: ");
	buf_adds(b, e->kind);
	buf_adds(b, "\ndata: ");
	buf_add(b, e->data, e->len);
	buf_adds(b, "\n\n");
}

static void
bye(struct buf *b, const struct protocol_end *end)
{
	struct buf data = BUF_INIT;

	if (end->cursor > end->told)
		add_position(b, end->epoch, end->cursor);
	wire_add_bye(&data, end);
	control(b, "bye", buf_str(&data));
	buf_done(&data);
}

const struct protocol sse_protocol = {
	.number = PROTOCOL_SSE,
	.shape = PROTOCOL_STREAM,
	.name = "sse",
	.type = "text/event-stream",
	.open = begin,
	.frame = frame,
	.control = control,
	.bye = bye,
};
