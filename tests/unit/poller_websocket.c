/* The framing of WebSockets, however hostile the client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "db/rows/events.h"
#include "poller/proto/encoding.h"
#include "poller/proto/handshake.h"
#include "poller/proto/websocket.h"

enum {
	FIN = 0x80,
	CONTINUATION = 0,
	TEXT = 1,
	BINARY = 2,
	CLOSE = 8,
	PING = 9,
	PONG = 10
};

/* Adds a frame as a client sends it. */
static void
add(struct buf *b, int first, const void *payload, size_t len)
{
	static const unsigned char mask[] = { 0x37, 0xfa, 0x21, 0x3d };
	const unsigned char *p = payload;

	buf_addc(b, (char)first);
	if (len < 126)
		buf_addc(b, (char)(0x80 | len));
	else {
		buf_addc(b, (char)(0x80 | 126));
		buf_addc(b, (char)(len >> 8));
		buf_addc(b, (char)len);
	}
	buf_add(b, mask, sizeof(mask));
	for (size_t i = 0; i < len; i++)
		buf_addc(b, (char)(p[i] ^ mask[i % 4]));
}

static void
add_text(struct buf *b, int first, const char *text)
{
	add(b, first, text, strlen(text));
}

/* The result of reading bytes, N at a time. */
struct result {
	struct buf messages; /* each with a line end */
	struct buf out;
	int closed;
	int unfinished;
};

static struct result
take(const struct buf *bytes, size_t n)
{
	struct result r = { BUF_INIT, BUF_INIT, 0, 0 };
	struct protocol_input *in = NULL;
	struct buf message = BUF_INIT;

	for (size_t i = 0; i < bytes->len && !r.closed; i += n) {
		const char *at = bytes->p + i;
		const char *end =
		    i + n < bytes->len ? at + n : bytes->p + bytes->len;
		enum protocol_said said = PROTOCOL_MESSAGE;

		while (said == PROTOCOL_MESSAGE) {
			said = websocket_protocol.input(
			    &in, &at, end, &message, &r.out);
			if (said == PROTOCOL_MESSAGE)
				buf_addf(
				    &r.messages, "%s\n", buf_str(&message));
		}
		if (said == PROTOCOL_NOTHING)
			assert_ptr_equal(at, end);
		r.closed = said == PROTOCOL_CLOSED;
	}
	r.unfinished = in != NULL;
	websocket_protocol.input_free(in);
	buf_done(&message);
	return r;
}

static void
done(struct result *r)
{
	buf_done(&r->messages);
	buf_done(&r->out);
}

static void
texts_come_whole_however_their_bytes_are_cut(void **state)
{
	struct buf b = BUF_INIT;
	char big[4097];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	add_text(&b, FIN | TEXT, "one");
	add_text(&b, TEXT, "t");
	add_text(&b, FIN | PING, "in between");
	add_text(&b, CONTINUATION, "");
	add_text(&b, FIN | CONTINUATION, "wo");
	add_text(&b, FIN | PONG, "nobody asked");
	add_text(&b, FIN | TEXT, "");
	add_text(&b, FIN | TEXT, big);
	for (size_t n = 1; n < 20; n++) {
		struct result r = take(&b, n);

		assert_memory_equal(r.messages.p, "one\ntwo\n\nxxx", 12);
		assert_int_equal(r.messages.len, 9 + sizeof(big));
		assert_int_equal(r.out.len, 12);
		assert_memory_equal(r.out.p, "\x8a\x0ain between", 12);
		assert_false(r.closed);
		assert_false(r.unfinished);
		done(&r);
	}
	buf_done(&b);
}

/* Bytes as they come, and the code that they are answered with. */
static const struct {
	const char *why;
	const char *bytes;
	size_t len;
	int code;
} hostile[] = {
#define BYTES(text) text, sizeof(text) - 1
	{ "no mask", BYTES("\x81\x01x"), 1002 },
	{ "a reserved bit", BYTES("\xc1\x80"), 1002 },
	{ "another", BYTES("\xa1\x80"), 1002 },
	{ "the third", BYTES("\x91\x80"), 1002 },
	{ "no opcode for data", BYTES("\x83\x80"), 1002 },
	{ "no opcode for control", BYTES("\x8b\x80"), 1002 },
	{ "a ping in parts", BYTES("\x09\x80"), 1002 },
	{ "a close in parts", BYTES("\x08\x80"), 1002 },
	{ "a long ping", BYTES("\x89\xfe"), 1002 },
	{ "goes on with nothing", BYTES("\x80\x80"), 1002 },
	{ "begins within a text", BYTES("\x01\x80mask\x81\x80"), 1002 },
	{ "bytes", BYTES("\x82\x80"), 1003 },
	{ "bytes in parts", BYTES("\x02\x80"), 1003 },
	{ "a length longer than need be", BYTES("\x81\xfe\0\x7dmask"), 1002 },
	{ "one much longer", BYTES("\x81\xff\0\0\0\0\0\0\xff\xffmask"), 1002 },
	{ "a length below zero",
	    BYTES("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffmask"), 1009 },
	{ "too long", BYTES("\x81\xfe\x10\x01mask"), 1009 },
	{ "far too long", BYTES("\x81\xff\0\0\0\1\0\0\0\0mask"), 1009 },
	{ "too long together", BYTES("\x01\x81maskx\x80\xfe\x10\x00mask"),
	    1009 },
	{ "half a code", BYTES("\x88\x81\0\0\0\0\x03"), 1002 },
	{ "a code that is never sent", BYTES("\x88\x82\0\0\0\0\x03\xed"),
	    1002 },
	{ "a code below all", BYTES("\x88\x82\0\0\0\0\x03\xe7"), 1002 },
	{ "a code of nobody", BYTES("\x88\x82\0\0\0\0\x07\xd0"), 1002 },
	{ "a code above all", BYTES("\x88\x82\0\0\0\0\x13\x88"), 1002 },
	{ "a reason that is no text", BYTES("\x88\x83\0\0\0\0\x03\xe8\xff"),
	    1007 },
	{ "no text", BYTES("\x81\x81\0\0\0\0\xff"), 1007 },
	{ "a text cut within a letter", BYTES("\x81\x82\0\0\0\0\xed\x95"),
	    1007 },
	{ "normal", BYTES("\x88\x82\0\0\0\0\x03\xe8"), 1000 },
	{ "of its own", BYTES("\x88\x85\0\0\0\0\x0f\xa0why"), 4000 },
#undef BYTES
};

static void
what_breaks_the_rules_is_closed_with_the_code_that_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		for (size_t n = 1; n <= 64; n *= 8) {
			struct buf b = BUF_INIT;
			struct result r;
			int code;

			buf_add(&b, hostile[i].bytes, hostile[i].len);
			r = take(&b, n);
			if (!r.closed || r.out.len != 4)
				fail_msg(
				    "%s: %zu bytes", hostile[i].why, r.out.len);
			code = (unsigned char)r.out.p[2] << 8 |
			    (unsigned char)r.out.p[3];
			if (code != hostile[i].code)
				fail_msg("%s: %d", hostile[i].why, code);
			assert_memory_equal(r.out.p, "\x88\x02", 2);
			done(&r);
			buf_done(&b);
		}
}

static void
a_close_without_a_code_is_answered_without_one(void **state)
{
	struct buf b = BUF_INIT;
	struct result r;

	(void)state;
	add(&b, FIN | CLOSE, "", 0);
	add_text(&b, FIN | TEXT, "behind it");
	r = take(&b, b.len);
	assert_true(r.closed);
	assert_int_equal(r.messages.len, 0);
	assert_int_equal(r.out.len, 2);
	assert_memory_equal(r.out.p, "\x88\0", 2);
	done(&r);
	buf_done(&b);
}

static void
any_bytes_whatever_are_read_within_bounds(void **state)
{
	uint64_t dice = 0x9e3779b97f4a7c15ULL;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf b = BUF_INIT;
		struct result r;

		for (int i = 0; i < 40; i++) {
			dice ^= dice << 13;
			dice ^= dice >> 7;
			dice ^= dice << 17;
			/* Half of them are what frames are made of. */
			buf_addc(&b,
			    (dice & 1) != 0 ?
				(char)(dice >> 8) :
				"\x81\x01\x80\x89\x88\x83\x84\0"[dice >> 8 &
				    7]);
		}
		r = take(&b, 1 + (size_t)(dice >> 40) % 40);
		assert_true(r.messages.len <= b.len);
		done(&r);
		buf_done(&b);
	}
}

static void
a_frame_says_its_length_in_the_shortest_form(void **state)
{
	static const size_t sizes[] = { 10, 100, 1000, 70000 };
	static const unsigned char lengths[] = { 0, 126, 126, 127 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf data = BUF_INIT, line = BUF_INIT, b = BUF_INIT;
		struct event e = { .seq = 1, .kind = "message" };
		size_t head;

		while (data.len < sizes[i])
			buf_addc(&data, '1');
		e.data = data.p;
		e.len = data.len;
		ndjson_protocol.frame(&line, "9f2c0a11", &e);
		websocket_protocol.frame(&b, "9f2c0a11", &e);
		head = lengths[i] == 127 ? 10 : lengths[i] == 126 ? 4 : 2;
		assert_int_equal(b.len, head + line.len - 1);
		assert_int_equal((unsigned char)b.p[0], FIN | TEXT);
		assert_int_equal((unsigned char)b.p[1],
		    lengths[i] != 0 ? lengths[i] : line.len - 1);
		assert_memory_equal(b.p + head, line.p, line.len - 1);
		buf_done(&data);
		buf_done(&line);
		buf_done(&b);
	}
}

static const struct {
	const char *upgrade, *connection, *version, *key, *protocol;
	enum problem problem;
	const char *chosen;
} requests[] = {
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
	{ "websocket", "Upgrade", "13", KEY, NULL, PROBLEM_NONE, NULL },
	{ "WebSocket", "keep-alive, upgrade", "13", KEY, "chat, parlor.v1",
	    PROBLEM_NONE, "parlor.v1" },
	{ "websocket", "Upgrade", "13", KEY, "Parlor.v1", PROBLEM_NONE, NULL },
	{ "h2c, websocket", "Upgrade", "8, 13", KEY, "parlor.v12", PROBLEM_NONE,
	    NULL },
	{ NULL, "Upgrade", "13", KEY, NULL, PROBLEM_UPGRADE_REQUIRED, NULL },
	{ "websocket", NULL, "13", KEY, NULL, PROBLEM_UPGRADE_REQUIRED, NULL },
	{ "websocket", "close", "13", KEY, NULL, PROBLEM_UPGRADE_REQUIRED,
	    NULL },
	{ "websocket", "Upgrade", "8", KEY, NULL, PROBLEM_UPGRADE_REQUIRED,
	    NULL },
	{ "websocket", "Upgrade", NULL, KEY, NULL, PROBLEM_UPGRADE_REQUIRED,
	    NULL },
	{ "websocket", "Upgrade", "13", NULL, NULL, PROBLEM_MALFORMED_REQUEST,
	    NULL },
	{ "websocket", "Upgrade", "13", "short", NULL,
	    PROBLEM_MALFORMED_REQUEST, NULL },
	{ "websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZR==", NULL,
	    PROBLEM_MALFORMED_REQUEST, NULL },
	{ "websocket", "Upgrade", "13", KEY ", " KEY, NULL,
	    PROBLEM_MALFORMED_REQUEST, NULL },
#undef KEY
};

static const char *
header(void *arg, const char *name)
{
	size_t i = *(size_t *)arg;

	if (strcmp(name, "Upgrade") == 0)
		return requests[i].upgrade;
	if (strcmp(name, "Connection") == 0)
		return requests[i].connection;
	if (strcmp(name, "Sec-WebSocket-Version") == 0)
		return requests[i].version;
	if (strcmp(name, "Sec-WebSocket-Key") == 0)
		return requests[i].key;
	assert_string_equal(name, "Sec-WebSocket-Protocol");
	return requests[i].protocol;
}

static void
a_handshake_is_answered_as_the_rfc_says_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct buf head = BUF_INIT;
		const char *chosen;

		assert_int_equal(
		    handshake_answer(header, &i, &head), requests[i].problem);
		if (requests[i].problem == PROBLEM_NONE) {
			assert_non_null(strstr(head.p,
			    "\r\nSec-WebSocket-Accept: "
			    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
			chosen = strstr(head.p, "Sec-WebSocket-Protocol: ");
			assert_int_equal(
			    chosen != NULL, requests[i].chosen != NULL);
			assert_string_equal(head.p + head.len - 4, "\r\n\r\n");
		} else
			assert_int_equal(head.len, 0);
		buf_done(&head);
	}
}

static const struct {
	const char *text;
	int valid;
} texts[] = {
	{ "", 1 },
	{ "plain", 1 },
	{ "\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf", 1 },
	{ "\xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", 1 },
	{ "\x80", 0 },
	{ "\xc1\xbf", 0 },
	{ "\xc2", 0 },
	{ "\xc2 ", 0 },
	{ "\xe0\x9f\xbf", 0 },
	{ "\xed\xa0\x80", 0 },
	{ "\xed\xbf\xbf", 0 },
	{ "\xe2\x82", 0 },
	{ "\xf0\x8f\xbf\xbf", 0 },
	{ "\xf4\x90\x80\x80", 0 },
	{ "\xf5\x80\x80\x80", 0 },
	{ "\xf0\x90\x80", 0 },
	{ "\xfe", 0 },
};

static void
utf8_has_one_form_for_each_character(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (encoding_is_utf8(texts[i].text, strlen(texts[i].text)) !=
		    texts[i].valid)
			fail_msg("text %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_whole_however_their_bytes_are_cut),
		cmocka_unit_test(
		    what_breaks_the_rules_is_closed_with_the_code_that_says_so),
		cmocka_unit_test(
		    a_close_without_a_code_is_answered_without_one),
		cmocka_unit_test(any_bytes_whatever_are_read_within_bounds),
		cmocka_unit_test(a_frame_says_its_length_in_the_shortest_form),
		cmocka_unit_test(
		    a_handshake_is_answered_as_the_rfc_says_or_refused),
		cmocka_unit_test(utf8_has_one_form_for_each_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
