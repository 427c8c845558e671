/* One JSON object a line, for `curl -N ... | jq`. */

#include "api/feed/protocol.h"
#include "api/feed/wire.h"

static void
control(struct buf *b, const char *name, const char *data)
{
	wire_add_control(b, name, data);
	buf_addc(b, '\n');
}

static void
begin(struct buf *b, const struct subscription *s,
    const struct protocol_times *times)
{
	struct buf sync = BUF_INIT;

	wire_add_sync(&sync, s, times);
	control(b, "sync", buf_str(&sync));
	buf_done(&sync);
}

static void
frame(struct buf *b, const char *epoch, const struct event *e)
{
	wire_add_event(b, epoch, e);
	buf_addc(b, '\n');
}

static void
bye(struct buf *b, const struct protocol_end *end)
{
	struct buf data = BUF_INIT;

	wire_add_bye(&data, end);
	control(b, "bye", buf_str(&data));
	buf_done(&data);
}

const struct protocol ndjson_protocol = {
	.number = PROTOCOL_NDJSON,
	.shape = PROTOCOL_STREAM,
	.name = "ndjson",
	.type = "application/x-ndjson",
	.open = begin,
	.frame = frame,
	.control = control,
	.bye = bye,
};
