/* The bytes of frames and poll answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <jansson.h>

#include "api/feed/cursor.h"
#include "api/feed/wire.h"

static const struct log_state state_of_log = { "9f2c0a11", 44, 3 };
static const struct protocol_times times = { 15000, 2000 };
static const char data[] = "{\"message\":{\"id\":1}}";
static const struct event event = { .seq = 42,
	.kind = "message",
	.data = data,
	.len = sizeof(data) - 1 };

static const struct {
	const char *text;
	int rc;
	int64_t seq;
	int known;
} cursors[] = {
	{ "9f2c0a11-0", 0, 0, 1 },
	{ "9f2c0a11-44", 0, 44, 1 },
	{ "9f2c0a11-9223372036854775807", 0, INT64_MAX, 1 },
	{ "00000000-7", 0, 7, 0 },
	{ "9f2c0a12-44", 0, 44, 0 },
	{ "", -1, 0, 0 },
	{ "9f2c0a11", -1, 0, 0 },
	{ "9f2c0a11-", -1, 0, 0 },
	{ "9f2c0a1-44", -1, 0, 0 },
	{ "9f2c0a111-44", -1, 0, 0 },
	{ "9F2C0A11-44", -1, 0, 0 },
	{ "9f2c0a1g-44", -1, 0, 0 },
	{ "9f2c0a11-04", -1, 0, 0 },
	{ "9f2c0a11-00", -1, 0, 0 },
	{ "9f2c0a11--4", -1, 0, 0 },
	{ "9f2c0a11-+4", -1, 0, 0 },
	{ "9f2c0a11- 4", -1, 0, 0 },
	{ "9f2c0a11-4 ", -1, 0, 0 },
	{ "9f2c0a11-4x", -1, 0, 0 },
	{ "9f2c0a11-0x4", -1, 0, 0 },
	{ "9f2c0a11-4-4", -1, 0, 0 },
	{ " 9f2c0a11-4", -1, 0, 0 },
	{ "9f2c0a11-9223372036854775808", -1, 0, 0 },
	{ "9f2c0a11-99999999999999999999999", -1, 0, 0 },
	{ "44", -1, 0, 0 },
	{ "-44", -1, 0, 0 },
	{ "latest", -1, 0, 0 },
};

static void
a_cursor_has_one_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
		int64_t seq = -1;
		int known = -1;
		int rc =
		    cursor_read(cursors[i].text, &state_of_log, &seq, &known);

		if (rc != cursors[i].rc ||
		    (rc == 0 &&
			(seq != cursors[i].seq || known != cursors[i].known)))
			fail_msg("\"%s\": %d %" PRId64 " %d", cursors[i].text,
			    rc, seq, known);
	}
}

static void
a_cursor_that_was_written_is_read_as_the_same(void **state)
{
	static const int64_t seqs[] = { 0, 1, 9, 10, 4294967296, INT64_MAX };
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		int64_t seq;
		int known;

		buf_clear(&b);
		cursor_add(&b, state_of_log.epoch, seqs[i]);
		assert_int_equal(
		    cursor_read(buf_str(&b), &state_of_log, &seq, &known), 0);
		assert_true(seq == seqs[i] && known);
	}
	buf_done(&b);
}

static void
check_bytes(struct buf *b, const char *expected)
{
	assert_string_equal(buf_str(b), expected);
	buf_clear(b);
}

static void
frames_are_these_bytes(void **state)
{
	struct protocol_end end = { "lifetime", 2000, "9f2c0a11", 44, 44, 0 };
	struct buf b = BUF_INIT;

	(void)state;
	sse_protocol.frame(&b, "9f2c0a11", &event);
	check_bytes(&b,
	    "id: 9f2c0a11-42\nevent: message\n"
	    "data: {\"message\":{\"id\":1}}\n\n");
	ndjson_protocol.frame(&b, "9f2c0a11", &event);
	check_bytes(&b,
	    "{\"id\":\"9f2c0a11-42\",\"kind\":\"message\","
	    "\"data\":{\"message\":{\"id\":1}}}\n");
	sse_protocol.control(&b, "hb", "{\"head\":\"9f2c0a11-44\"}");
	check_bytes(&b,
	    "event: hb\n"
	    "data: {\"head\":\"9f2c0a11-44\"}\n\n");
	ndjson_protocol.control(&b, "bye", "{}");
	check_bytes(&b, "{\"kind\":\"bye\",\"data\":{}}\n");
	sse_protocol.bye(&b, &end);
	check_bytes(&b,
	    "event: bye\n"
	    "data: {\"reason\":\"lifetime\",\"retry_ms\":2000}\n\n");
	end.told = 43;
	sse_protocol.bye(&b, &end);
	check_bytes(&b,
	    "id: 9f2c0a11-44\n\nevent: bye\n"
	    "data: {\"reason\":\"lifetime\",\"retry_ms\":2000}\n\n");
	buf_done(&b);
}

static struct subscription
subscribed(int recovered)
{
	struct subscription s = { .cursor = 41, .recovered = recovered };

	s.log = state_of_log;
	return s;
}

static void
sync_says_from_where_one_goes_on(void **state)
{
	struct subscription s = subscribed(1);
	struct buf b = BUF_INIT;

	(void)state;
	wire_add_sync(&b, &s, &times);
	check_bytes(&b,
	    "{\"epoch\":\"9f2c0a11\",\"from\":\"9f2c0a11-41\","
	    "\"head\":\"9f2c0a11-44\",\"floor\":\"9f2c0a11-3\","
	    "\"recovered\":true,\"hb_ms\":15000,"
	    "\"retry_ms\":2000}");
	s = subscribed(0);
	wire_add_sync(&b, &s, &times);
	assert_non_null(strstr(buf_str(&b), "\"recovered\":false"));
	buf_done(&b);
}

/* Builds a poll answer with N events. */
static json_t *
polled(int n, int more)
{
	struct subscription s = subscribed(1);
	struct protocol_end end = { "", 2000, "9f2c0a11", 41, 41 + n, more };
	struct buf b = BUF_INIT;
	json_t *doc;

	poll_protocol.open(&b, &s, &times);
	poll_protocol.control(&b, "hb", "{}");
	for (int i = 0; i < n; i++) {
		struct event e = event;

		e.seq += i;
		poll_protocol.frame(&b, "9f2c0a11", &e);
	}
	poll_protocol.bye(&b, &end);
	doc = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);
	buf_done(&b);
	return doc;
}

static void
a_poll_answer_is_json_with_any_number_of_events(void **state)
{
	(void)state;
	for (int n = 0; n < 5; n++) {
		json_t *doc = polled(n, n % 2), *sync, *events;
		const char *cursor, *id;
		int more;

		assert_int_equal(
		    json_unpack(doc, "{s:o, s:o, s:s, s:b !}", "sync", &sync,
			"events", &events, "cursor", &cursor, "more", &more),
		    0);
		assert_int_equal(json_array_size(events), n);
		assert_int_equal(more, n % 2);
		assert_int_equal(
		    json_integer_value(json_object_get(sync, "retry_ms")),
		    2000);
		if (n > 0) {
			id = json_string_value(json_object_get(
			    json_array_get(events, (size_t)n - 1), "id"));
			assert_string_equal(id, cursor);
		}
		json_decref(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cursor_has_one_form),
		cmocka_unit_test(a_cursor_that_was_written_is_read_as_the_same),
		cmocka_unit_test(frames_are_these_bytes),
		cmocka_unit_test(sync_says_from_where_one_goes_on),
		cmocka_unit_test(
		    a_poll_answer_is_json_with_any_number_of_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
