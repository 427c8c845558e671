#include "api/feed/wire.h"

#include <errno.h>
#include <inttypes.h>

void
wire_add_cursor(struct buf *b, const char *epoch, int64_t seq)
{
	buf_add(b, epoch, EPOCH_LEN);
	buf_addc(b, '-');
	buf_addi(b, seq);
}

int
wire_read_cursor(
    const char *text, const struct log_state *log, int64_t *seq, int *known)
{
	const char *digits = text + EPOCH_LEN + 1;
	size_t len;

	if (strspn(text, "0123456789abcdef") != EPOCH_LEN ||
	    text[EPOCH_LEN] != '-')
		return -1;
	len = strspn(digits, "0123456789");
	/* One way to write a number: what we wrote comes back as it was. */
	if (len == 0 || digits[len] != '\0' || (digits[0] == '0' && len > 1))
		return -1;
	errno = 0;
	*seq = strtoll(digits, NULL, 10);
	if (errno != 0)
		return -1;
	*known = memcmp(text, log->epoch, EPOCH_LEN) == 0;
	return 0;
}

static void
add_text_cursor(struct buf *b, const char *name, const char *epoch, int64_t seq)
{
	buf_addc(b, '"');
	buf_adds(b, name);
	buf_adds(b, "\":\"");
	wire_add_cursor(b, epoch, seq);
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
