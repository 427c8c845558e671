#include "api/feed/wire.h"

#include <inttypes.h>

#include "api/feed/cursor.h"
#include "db/base/limits.h"

int
wire_answer_is_full(int n, size_t bytes, size_t next)
{
	return n >= WIRE_ANSWER_EVENTS ||
	    (n > 0 && bytes + next > LIST_BYTES_MAX);
}

static void
add_text_cursor(struct buf *b, const char *name, const char *epoch, int64_t seq)
{
	buf_addc(b, '"');
	buf_adds(b, name);
	buf_adds(b, "\":\"");
	cursor_add(b, epoch, seq);
	buf_addc(b, '"');
}

void
wire_add_sync(struct buf *b, const struct subscription *s,
    const struct protocol_times *times)
{
	const char *epoch = s->log.epoch;

	buf_adds(b, "{\"epoch\":\"");
	buf_add(b, epoch, EPOCH_LEN);
	buf_adds(b, "\",");
	add_text_cursor(b, "from", epoch, s->cursor);
	buf_addc(b, ',');
	add_text_cursor(b, "head", epoch, s->log.head);
	buf_addc(b, ',');
	add_text_cursor(b, "floor", epoch, s->log.floor);
	buf_adds(
	    b, s->recovered ? ",\"recovered\":true" : ",\"recovered\":false");
	buf_adds(b, ",\"hb_ms\":");
	buf_addi(b, times->hb_ms);
	buf_adds(b, ",\"retry_ms\":");
	buf_addi(b, times->retry_ms);
	buf_addc(b, '}');
}

void
wire_add_head(struct buf *b, const char *epoch, int64_t head)
{
	buf_addc(b, '{');
	add_text_cursor(b, "head", epoch, head);
	buf_addc(b, '}');
}

void
wire_add_bye(struct buf *b, const struct protocol_end *end)
{
	buf_addf(b, "{\"reason\":\"%s\",\"retry_ms\":%" PRId64 "}", end->reason,
	    end->retry_ms);
}

void
wire_add_event(struct buf *b, const char *epoch, const struct event *e)
{
	buf_addc(b, '{');
	add_text_cursor(b, "id", epoch, e->seq);
	buf_adds(b, ",\"kind\":\"");
	buf_adds(b, e->kind);
	buf_adds(b, "\",\"data\":");
	buf_add(b, e->data, e->len);
	buf_addc(b, '}');
}

void
wire_add_control(struct buf *b, const char *name, const char *data)
{
	buf_adds(b, "{\"kind\":\"");
	buf_adds(b, name);
	buf_adds(b, "\",\"data\":");
	buf_adds(b, data);
	buf_addc(b, '}');
}
