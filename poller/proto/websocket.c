#include "poller/proto/websocket.h"

#include <stdlib.h>
#include <string.h>

#include "api/feed/wire.h"
#include "db/base/must.h"
#include "poller/proto/handshake.h"
#include "poller/proto/encoding.h"

enum {
	FIN = 0x80,
	RESERVED = 0x70,
	OPCODE = 0x0f,
	CONTROL = 0x08,
	MASKED = 0x80,
	LENGTH = 0x7f,
	LENGTH_16 = 126,
	LENGTH_64 = 127,
	CONTROL_MAX = 125,
	MASK_BYTES = 4,
	HEAD_MAX = 2 + 8 + MASK_BYTES
};

enum opcode {
	CONTINUATION = 0,
	TEXT = 1,
	BINARY = 2,
	CLOSE = 8,
	PING = 9,
	PONG = 10
};

/* Why a connection is closed (section 7.4.1). */
enum {
	CLOSE_NORMAL = 1000,
	CLOSE_GOING_AWAY = 1001,
	CLOSE_PROTOCOL = 1002,
	CLOSE_UNSUPPORTED = 1003,
	CLOSE_NO_UTF8 = 1007,
	CLOSE_POLICY = 1008,
	CLOSE_TOO_BIG = 1009
};

/* A frame that has begun, or a message whose first frames have arrived. */
struct protocol_input {
	unsigned char head[HEAD_MAX];
	size_t head_len;
	enum opcode opcode; /* from here on: set once the head is complete */
	size_t left; /* of the payload */
	size_t read;
	unsigned char control[CONTROL_MAX];
	int in_message; /* its first frame was not the last */
	struct buf message;
};

static void
add_frame(struct buf *b, enum opcode opcode, const void *payload, size_t len)
{
	buf_addc(b, (char)(FIN | (int)opcode));
	if (len < LENGTH_16)
		buf_addc(b, (char)len);
	else {
		int bytes = len <= UINT16_MAX ? 2 : 8;

		buf_addc(b, bytes == 2 ? LENGTH_16 : LENGTH_64);
		while (bytes-- > 0)
			buf_addc(b, (char)((uint64_t)len >> (8 * bytes)));
	}
	buf_add(b, payload, len);
}

static void
add_text(struct buf *b, struct buf *line)
{
	add_frame(b, TEXT, line->p, line->len);
	buf_done(line);
}

static void
add_close(struct buf *b, int code)
{
	char payload[] = { (char)(code >> 8), (char)code };

	add_frame(b, CLOSE, payload, sizeof(payload));
}

static void
control(struct buf *b, const char *name, const char *data)
{
	struct buf line = BUF_INIT;

	wire_add_control(&line, name, data);
	add_text(b, &line);
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
	struct buf line = BUF_INIT;

	wire_add_event(&line, epoch, e);
	add_text(b, &line);
}

static int
code_of(const char *reason)
{
	static const char *const goes_on[] = { "shutdown", "restart",
		"lifetime", "room_reopened" };
	static const char *const wished[] = { "goodbye", "replaced" };

	for (size_t i = 0; i < sizeof(goes_on) / sizeof(goes_on[0]); i++)
		if (strcmp(reason, goes_on[i]) == 0)
			return CLOSE_GOING_AWAY;
	for (size_t i = 0; i < sizeof(wished) / sizeof(wished[0]); i++)
		if (strcmp(reason, wished[i]) == 0)
			return CLOSE_NORMAL;
	return CLOSE_POLICY;
}

static void
bye(struct buf *b, const struct protocol_end *end)
{
	struct buf data = BUF_INIT;

	wire_add_bye(&data, end);
	control(b, "bye", buf_str(&data));
	add_close(b, code_of(end->reason));
	buf_done(&data);
}

/* The number of length bytes in the head after the second byte. */
static size_t
length_bytes(const struct protocol_input *in)
{
	int length = in->head[1] & LENGTH;

	return length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
}

/* Checks the first two bytes.  0, or the code to close with. */
static int
check_head(const struct protocol_input *in)
{
	int first = in->head[0], length = in->head[1] & LENGTH;
	int opcode = first & OPCODE;

	if ((first & RESERVED) != 0 || (in->head[1] & MASKED) == 0)
		return CLOSE_PROTOCOL;
	if ((opcode & CONTROL) != 0)
		return opcode > PONG || (first & FIN) == 0 ||
			length > CONTROL_MAX ?
		    CLOSE_PROTOCOL :
		    0;
	if (opcode > BINARY || (opcode == CONTINUATION) != in->in_message)
		return CLOSE_PROTOCOL;
	return opcode == BINARY ? CLOSE_UNSUPPORTED : 0;
}

/* Checks the complete head.  0, or the code to close with. */
static int
begin_payload(struct protocol_input *in)
{
	size_t n = length_bytes(in);
	uint64_t length = in->head[1] & LENGTH;

	if (n > 0)
		length = 0;
	for (size_t i = 0; i < n; i++)
		length = length << 8 | in->head[2 + i];
	/* Only the shortest form of a length is allowed. */
	if ((n == 2 && length < LENGTH_16) || (n == 8 && length <= UINT16_MAX))
		return CLOSE_PROTOCOL;
	in->opcode = (enum opcode)(in->head[0] & OPCODE);
	if (length > WEBSOCKET_MESSAGE_MAX ||
	    ((in->opcode & CONTROL) == 0 &&
		in->message.len + length > WEBSOCKET_MESSAGE_MAX))
		return CLOSE_TOO_BIG;
	in->left = (size_t)length;
	in->read = 0;
	return 0;
}

/* Reads bytes of the head; 1: it is complete.  *CODE: as above. */
static int
read_head(
    struct protocol_input *in, const char **at, const char *end, int *code)
{
	while (*at < end) {
		in->head[in->head_len++] = (unsigned char)*(*at)++;
		if (in->head_len == 2)
			*code = check_head(in);
		if (*code != 0)
			return 0;
		if (in->head_len >= 2 &&
		    in->head_len == 2 + length_bytes(in) + MASK_BYTES) {
			*code = begin_payload(in);
			return *code == 0;
		}
	}
	return 0;
}

/* Reads bytes of the payload; 1: it is complete. */
static int
read_payload(struct protocol_input *in, const char **at, const char *end)
{
	const unsigned char *mask = in->head + in->head_len - MASK_BYTES;
	size_t n =
	    (size_t)(end - *at) < in->left ? (size_t)(end - *at) : in->left;
	char *to;

	if ((in->opcode & CONTROL) != 0)
		to = (char *)in->control + in->read;
	else {
		to = buf_space(&in->message, n);
		in->message.len += n;
	}
	for (size_t i = 0; i < n; i++)
		to[i] = (char)((unsigned char)(*at)[i] ^
		    mask[(in->read + i) % MASK_BYTES]);
	*at += n;
	in->read += n;
	in->left -= n;
	return in->left == 0;
}

/* The code that answers the client's close frame; 0: it gave none. */
static int
answer_to_close(const struct protocol_input *in)
{
	int code;

	if (in->read == 0)
		return 0;
	if (in->read == 1)
		return CLOSE_PROTOCOL;
	code = in->control[0] << 8 | in->control[1];
	if (code < 1000 || code == 1004 || code == 1005 || code == 1006 ||
	    (code > 1014 && code < 3000) || code > 4999)
		return CLOSE_PROTOCOL;
	return encoding_is_utf8((const char *)in->control + 2, in->read - 2) ?
	    code :
	    CLOSE_NO_UTF8;
}

static enum protocol_said
end_frame(struct protocol_input *in, struct buf *message, struct buf *out)
{
	int last = (in->head[0] & FIN) != 0, code;

	in->head_len = 0;
	switch (in->opcode) {
	case PING:
		add_frame(out, PONG, in->control, in->read);
		return PROTOCOL_NOTHING;
	case PONG:
		return PROTOCOL_NOTHING;
	case CLOSE:
		code = answer_to_close(in);
		if (code == 0)
			add_frame(out, CLOSE, "", 0);
		else
			add_close(out, code);
		return PROTOCOL_CLOSED;
	case CONTINUATION:
	case TEXT:
	case BINARY:
		break;
	}
	in->in_message = !last;
	if (!last)
		return PROTOCOL_NOTHING;
	if (!encoding_is_utf8(buf_str(&in->message), in->message.len)) {
		add_close(out, CLOSE_NO_UTF8);
		return PROTOCOL_CLOSED;
	}
	buf_clear(message);
	buf_add(message, buf_str(&in->message), in->message.len);
	buf_clear(&in->message);
	return PROTOCOL_MESSAGE;
}

static void
input_free(struct protocol_input *in)
{
	if (in == NULL)
		return;
	buf_done(&in->message);
	free(in);
}

static enum protocol_said
input(struct protocol_input **state, const char **at, const char *end,
    struct buf *message, struct buf *out)
{
	enum protocol_said said = PROTOCOL_NOTHING;
	struct protocol_input *in;
	int code = 0;

	if (*state == NULL && *at < end)
		*state = must_alloc(sizeof(**state));
	in = *state;
	while (said == PROTOCOL_NOTHING && code == 0 && *at < end) {
		if (in->left == 0 && !read_head(in, at, end, &code))
			break;
		if (read_payload(in, at, end))
			said = end_frame(in, message, out);
	}
	if (code != 0) {
		add_close(out, code);
		said = PROTOCOL_CLOSED;
	}
	/* An idle connection keeps no buffer. */
	if (in != NULL && in->head_len == 0 && !in->in_message) {
		input_free(in);
		*state = NULL;
	}
	return said;
}

const struct protocol websocket_protocol = {
	.number = PROTOCOL_WEBSOCKET,
	.shape = PROTOCOL_STREAM,
	.name = "ws",
	.upgrade = handshake_answer,
	.open = begin,
	.frame = frame,
	.control = control,
	.bye = bye,
	.input = input,
	.input_free = input_free,
};
