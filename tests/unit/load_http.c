/* How the load generator reads HTTP: heads, and bodies in chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/load/http.h"

static void
a_head_is_read_when_it_is_whole(void **state)
{
	static const char text[] = "HTTP/1.1 201 Created\r\n"
				   "content-length: 12\r\n"
				   "Connection: close\r\n\r\nhello";
	struct head h;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 6; len++)
		assert_int_equal(head_read(&h, text, len), 0);
	assert_int_equal(head_read(&h, text, sizeof(text) - 1), 1);
	assert_int_equal(h.status, 201);
	assert_int_equal(h.len, sizeof(text) - 6);
	assert_int_equal(h.length, 12);
	assert_int_equal(h.closes, 1);
	assert_int_equal(h.chunked, 0);
}

static void
a_chunked_head_has_no_length(void **state)
{
	static const char text[] =
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct head h;

	(void)state;
	assert_int_equal(head_read(&h, text, sizeof(text) - 1), 1);
	assert_int_equal(h.chunked, 1);
	assert_int_equal(h.length, -1);
	assert_int_equal(h.closes, 0);
}

/* The same chunks in pieces of every size give the same body. */
static void
chunks_may_be_cut_anywhere(void **state)
{
	static const char text[] =
	    "5\r\nhello\r\n1;x=y\r\n \r\n00a\r\nbig\r\nworld\r\n0\r\n\r\n";
	const size_t len = sizeof(text) - 1;

	(void)state;
	for (size_t piece = 1; piece <= len; piece++) {
		struct chunks c = { 0 };
		char body[sizeof(text)];
		size_t n = 0;

		for (size_t at = 0; at < len; at += piece) {
			size_t part = len - at < piece ? len - at : piece;

			memcpy(body + n, text + at, part);
			n += chunks_decode(&c, body + n, part);
		}
		assert_int_equal(c.state, CHUNK_END);
		assert_int_equal(n, 16);
		assert_memory_equal(body, "hello big\r\nworld", 16);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_read_when_it_is_whole),
		cmocka_unit_test(a_chunked_head_has_no_length),
		cmocka_unit_test(chunks_may_be_cut_anywhere),
	};

	return cmocka_run_group_tests_name("load_http", tests, NULL, NULL);
}
