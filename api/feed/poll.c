/* The answer of a poll: one JSON document with the events that are there. */

#include "api/feed/protocol.h"
#include "api/feed/cursor.h"
#include "api/feed/wire.h"

static void
begin(struct buf *b, const struct subscription *s,
    const struct protocol_times *times)
{
	buf_adds(b, "{\"sync\":");
	wire_add_sync(b, s, times);
	buf_adds(b, ",\"events\":[");
}

static void
frame(struct buf *b, const char *epoch, const struct event *e)
{
	wire_add_event(b, epoch, e);
	buf_addc(b, ',');
}

/*
 * Between two parts of the document only a space is allowed: it keeps the
 * connection alive and means nothing in JSON.
 */
static void
control(struct buf *b, const char *name, const char *data)
{
	(void)name;
	(void)data;
	buf_addc(b, ' ');
}

static void
bye(struct buf *b, const struct protocol_end *end)
{
	if (b->len > 0 && b->p[b->len - 1] == ',')
		b->len--;
	buf_adds(b, "],\"cursor\":\"");
	cursor_add(b, end->epoch, end->cursor);
	buf_adds(b, end->more ? "\",\"more\":true}" : "\",\"more\":false}");
}

const struct protocol poll_protocol = {
	.number = PROTOCOL_POLL,
	.shape = PROTOCOL_ANSWER,
	.name = "json",
	.type = "application/json",
	.open = begin,
	.frame = frame,
	.control = control,
	.bye = bye,
};
