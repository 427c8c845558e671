#include "api/feed/wire.h"

#include <errno.h>
#include <inttypes.h>

#include "db/base/must.h"

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
wire_add_sync(
    struct buf *b, const struct subscription *s, const struct wire_times *times)
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
wire_add_sse(struct buf *b, const char *epoch, const struct event *e)
{
	buf_adds(b, "id: ");
	wire_add_cursor(b, epoch, e->seq);
	buf_adds(b, "\nevent: ");
	buf_adds(b, e->kind);
	buf_adds(b, "\ndata: ");
	buf_add(b, e->data, e->len);
	buf_adds(b, "\n\n");
}

static void
add_object(struct buf *b, const char *epoch, const struct event *e)
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
wire_add_ndjson(struct buf *b, const char *epoch, const struct event *e)
{
	add_object(b, epoch, e);
	buf_addc(b, '\n');
}

void
wire_add_control(
    struct buf *b, enum delivery delivery, const char *name, const char *data)
{
	int sse = delivery == DELIVERY_SSE;

	buf_adds(b, sse ? "event: " : "{\"kind\":\"");
	buf_adds(b, name);
	buf_adds(b, sse ? "\ndata: " : "\",\"data\":");
	buf_adds(b, data);
	buf_adds(b, sse ? "\n\n" : "}\n");
}

void
wire_add_position(struct buf *b, const char *epoch, int64_t seq)
{
	buf_adds(b, "id: ");
	wire_add_cursor(b, epoch, seq);
	buf_adds(b, "\n\n");
}

void
wire_add_opening(
    struct buf *b, const struct subscription *s, const struct wire_times *times)
{
	struct buf sync = BUF_INIT;

	wire_add_sync(&sync, s, times);
	if (s->delivery == DELIVERY_SSE) {
		buf_adds(b, "retry: ");
		buf_addi(b, times->retry_ms);
		buf_addc(b, '\n');
	}
	wire_add_control(b, s->delivery, "sync", buf_str(&sync));
	if (s->delivery == DELIVERY_SSE)
		wire_add_position(b, s->log.epoch, s->cursor);
	buf_done(&sync);
}

void
wire_add_bye(
    struct buf *b, enum delivery delivery, const char *reason, int64_t retry_ms)
{
	struct buf data = BUF_INIT;

	buf_addf(&data, "{\"reason\":\"%s\",\"retry_ms\":%" PRId64 "}", reason,
	    retry_ms);
	wire_add_control(b, delivery, "bye", buf_str(&data));
	buf_done(&data);
}

void
wire_poll_begin(
    struct buf *b, const struct subscription *s, const struct wire_times *times)
{
	buf_adds(b, "{\"sync\":");
	wire_add_sync(b, s, times);
	buf_adds(b, ",\"events\":[");
}

/*
 * Every event ends with '}', and nothing else does that stands before one: the
 * beginning ends with '[', a sign of life with a space.  What has left is not
 * in B any more.
 */
static void
separate(struct buf *b)
{
	if (b->len > 0 && b->p[b->len - 1] == '}')
		buf_addc(b, ',');
}

void
wire_poll_wait(struct buf *b)
{
	buf_addc(b, ' ');
}

void
wire_poll_event(struct buf *b, const char *epoch, const struct event *e)
{
	separate(b);
	add_object(b, epoch, e);
}

void
wire_poll_bytes(struct buf *b, const char *ndjson, size_t len)
{
	must(len > 0 && ndjson[len - 1] == '\n');
	separate(b);
	buf_add(b, ndjson, len - 1);
}

void
wire_poll_end(struct buf *b, const char *epoch, int64_t cursor, int more)
{
	buf_adds(b, "],");
	add_text_cursor(b, "cursor", epoch, cursor);
	buf_adds(b, more ? ",\"more\":true}" : ",\"more\":false}");
}
