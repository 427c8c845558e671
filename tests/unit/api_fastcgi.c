/* The records of FastCGI, read in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/doors/fastcgi.h"
#include "api/http/request.h"

enum { BEGIN = 1, ABORT = 2, PARAMS = 4, STDIN = 5, GET_VALUES = 9, ID = 7 };

static const char responder[8] = { 0, 1 };
static const char variables[] = "\x04\x02"
				"NAMEkv"
				"\x01\x00"
				"E"
				"\x01\x80\x00\x00\x03"
				"Lxyz";
enum { VARIABLES = sizeof(variables) - 1 };

static void
add(struct buf *b, int type, int id, const char *content, size_t len)
{
	const unsigned char pad = (unsigned char)(len % 3);
	const char header[8] = { 1, (char)type, (char)(id >> 8), (char)id,
		(char)(len >> 8), (char)len, (char)pad };

	buf_add(b, header, sizeof(header));
	buf_add(b, content, len);
	buf_add(b, "pad", pad);
}

static void
add_begin(struct buf *b)
{
	add(b, BEGIN, ID, responder, sizeof(responder));
	add(b, PARAMS, ID, variables, VARIABLES);
	add(b, PARAMS, ID, "", 0);
}

static enum fastcgi_state
read_all(struct fastcgi_reader *r, struct buf *b)
{
	enum fastcgi_state state = fastcgi_read(r, b->p, b->len);

	buf_done(b);
	return state;
}

static void
a_request_is_whole_at_its_last_byte_and_not_before(void **state)
{
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add_begin(&b);
	add(&b, STDIN, ID, "{\"a\":", 5);
	add(&b, STDIN, ID, "1}", 2);
	add(&b, STDIN, ID, "", 0);
	for (size_t i = 0; i + 1 < b.len; i++)
		assert_int_equal(fastcgi_read(&r, b.p + i, 1), FASTCGI_MORE);
	assert_int_equal(fastcgi_read(&r, b.p + b.len - 1, 1), FASTCGI_WHOLE);
	assert_int_equal(r.id, ID);
	assert_string_equal(buf_str(&r.body), "{\"a\":1}");
	assert_string_equal(fastcgi_variable(&r, "NAME"), "kv");
	assert_string_equal(fastcgi_variable(&r, "E"), "");
	assert_string_equal(fastcgi_variable(&r, "L"), "xyz");
	assert_null(fastcgi_variable(&r, "NAM"));
	assert_int_equal(r.say.len, 0);
	fastcgi_done(&r);
	buf_done(&b);
}

static void
bytes_after_a_whole_request_are_no_part_of_it(void **state)
{
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add_begin(&b);
	add(&b, STDIN, ID, "one", 3);
	add(&b, STDIN, ID, "", 0);
	add_begin(&b);
	add(&b, STDIN, ID, "two", 3);
	assert_int_equal(read_all(&r, &b), FASTCGI_WHOLE);
	assert_string_equal(buf_str(&r.body), "one");
	fastcgi_done(&r);
}

static void
a_body_is_kept_up_to_a_byte_too_many_and_read_to_its_end(void **state)
{
	static char part[40000];
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add_begin(&b);
	assert_int_equal(read_all(&r, &b), FASTCGI_MORE);
	for (int i = 0; i < 26; i++) {
		add(&b, STDIN, ID, part, sizeof(part));
		assert_int_equal(read_all(&r, &b), FASTCGI_MORE);
	}
	assert_int_equal(r.body.len, REQUEST_BODY_MAX + 1);
	assert_true(fastcgi_memory(&r) < 65536);
	add(&b, STDIN, ID, "", 0);
	assert_int_equal(read_all(&r, &b), FASTCGI_WHOLE);
	fastcgi_done(&r);
}

static void
variables_that_are_too_long_are_refused_at_once(void **state)
{
	static char part[60000];
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add(&b, BEGIN, ID, responder, sizeof(responder));
	add(&b, PARAMS, ID, part, sizeof(part));
	assert_int_equal(read_all(&r, &b), FASTCGI_MORE);
	add(&b, PARAMS, ID, part, sizeof(part));
	assert_int_equal(read_all(&r, &b), FASTCGI_LONG);
	fastcgi_done(&r);
}

static void
an_abort_or_another_role_is_answered_by_the_end(void **state)
{
	static const char filter[8] = { 0, 3 };
	static const char end[] = { 1, 3, 0, ID, 0, 8, 0, 0, 0, 0, 0, 0 };
	struct buf b = BUF_INIT;

	(void)state;
	for (int how = 0; how < 2; how++) {
		struct fastcgi_reader r = { 0 };

		if (how == 0) {
			add_begin(&b);
			add(&b, ABORT, ID, "", 0);
		} else {
			add(&b, BEGIN, ID, filter, sizeof(filter));
		}
		assert_int_equal(read_all(&r, &b), FASTCGI_ENDED);
		assert_int_equal(r.say.len, 16);
		assert_memory_equal(r.say.p, end, sizeof(end));
		assert_int_equal(r.say.p[12], how == 0 ? 0 : 3);
		fastcgi_done(&r);
	}
}

static void
another_request_is_refused_and_the_first_goes_on(void **state)
{
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add_begin(&b);
	add(&b, BEGIN, ID + 1, responder, sizeof(responder));
	add(&b, PARAMS, ID + 1, variables, VARIABLES);
	add(&b, STDIN, ID + 1, "x", 1);
	add(&b, STDIN, ID, "y", 1);
	add(&b, STDIN, ID + 1, "", 0);
	add(&b, ABORT, ID + 1, "", 0);
	assert_int_equal(read_all(&r, &b), FASTCGI_MORE);
	assert_int_equal(r.say.len, 16);
	assert_int_equal(r.say.p[3], ID + 1);
	assert_int_equal(r.say.p[12], 1);
	add(&b, STDIN, ID, "", 0);
	assert_int_equal(read_all(&r, &b), FASTCGI_WHOLE);
	assert_string_equal(buf_str(&r.body), "y");
	fastcgi_done(&r);
}

static void
the_web_server_is_told_what_it_asks(void **state)
{
	static const char asked[] = "\x0f\x00"
				    "FCGI_MPXS_CONNS"
				    "\x01\x00"
				    "X";
	static const char values[] = "\x0f\x01"
				     "FCGI_MPXS_CONNS0";
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add(&b, GET_VALUES, 0, asked, sizeof(asked) - 1);
	add(&b, 77, 0, "what", 4);
	assert_int_equal(read_all(&r, &b), FASTCGI_MORE);
	assert_int_equal(r.say.len, 8 + sizeof(values) - 1 + 16);
	assert_int_equal(r.say.p[1], 10);
	assert_memory_equal(r.say.p + 8, values, sizeof(values) - 1);
	assert_int_equal(r.say.p[8 + sizeof(values) - 1 + 1], 11);
	assert_int_equal(r.say.p[8 + sizeof(values) - 1 + 8], 77);
	buf_clear(&r.say);
	add_begin(&b);
	add(&b, GET_VALUES, 0, "", 0);
	add(&b, STDIN, ID, "", 0);
	assert_int_equal(read_all(&r, &b), FASTCGI_WHOLE);
	assert_int_equal(r.say.len, 8);
	fastcgi_done(&r);
}

static const struct {
	const char *what;
	int type, id;
	const char *content;
	size_t len;
	int begun;
} wrong[] = {
	{ "a request that does not begin", PARAMS, ID, "", 0, 0 },
	{ "a short beginning", BEGIN, ID, "\0\1", 2, 0 },
	{ "a beginning without a number", BEGIN, 0, "\0\1\0\0\0\0\0\0", 8, 0 },
	{ "two beginnings", BEGIN, ID, "\0\1\0\0\0\0\0\0", 8, 1 },
	{ "a body before the variables end", STDIN, ID, "x", 1, 1 },
	{ "an answer", 6, ID, "x", 1, 1 },
	{ "a name beyond the end", PARAMS, ID,
	    "\x05\x00"
	    "four",
	    6, 1 },
	{ "a value beyond the end", PARAMS, ID,
	    "\x04\x01"
	    "four",
	    6, 1 },
	{ "lengths of 2 GiB", PARAMS, ID,
	    "\xff\xff\xff\xff\xff\xff\xff\xff"
	    "x",
	    9, 1 },
	{ "half a length", PARAMS, ID, "\x01\x80\x00", 3, 1 },
	{ "a NUL in a value", PARAMS, ID,
	    "\x01\x03"
	    "aa\0b",
	    6, 1 },
};

static void
nonsense_is_told_from_a_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct fastcgi_reader r = { 0 };
		struct buf b = BUF_INIT;

		if (wrong[i].begun)
			add(&b, BEGIN, ID, responder, sizeof(responder));
		add(&b, wrong[i].type, wrong[i].id, wrong[i].content,
		    wrong[i].len);
		add(&b, PARAMS, ID, "", 0);
		if (read_all(&r, &b) != FASTCGI_WRONG)
			fail_msg("%s", wrong[i].what);
		fastcgi_done(&r);
	}
}

static void
a_record_of_another_version_is_nonsense(void **state)
{
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add_begin(&b);
	b.p[0] = 2;
	assert_int_equal(read_all(&r, &b), FASTCGI_WRONG);
	fastcgi_done(&r);
}

static void
very_many_variables_are_nonsense(void **state)
{
	static char many[4096];
	struct fastcgi_reader r = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	add(&b, BEGIN, ID, responder, sizeof(responder));
	add(&b, PARAMS, ID, many, sizeof(many));
	add(&b, PARAMS, ID, "", 0);
	assert_int_equal(read_all(&r, &b), FASTCGI_WRONG);
	fastcgi_done(&r);
}

static void
an_answer_is_split_into_records(void **state)
{
	static char text[150000];
	size_t at = 0, len = 0, records = 0;
	struct buf b = BUF_INIT;

	(void)state;
	memset(text, 'x', sizeof(text));
	fastcgi_add_answer(&b, ID, text, sizeof(text));
	while (at < b.len) {
		const unsigned char *h = (const unsigned char *)b.p + at;
		size_t n = (size_t)h[4] << 8 | h[5];

		assert_int_equal(h[0], 1);
		assert_int_equal(h[3], ID);
		at += 8 + n + h[6];
		assert_int_equal(h[1], at < b.len ? 6 : 3);
		len += h[1] == 6 ? n : 0;
		records++;
	}
	assert_int_equal(at, b.len);
	assert_int_equal(len, sizeof(text));
	assert_int_equal(records, 5);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_request_is_whole_at_its_last_byte_and_not_before),
		cmocka_unit_test(bytes_after_a_whole_request_are_no_part_of_it),
		cmocka_unit_test(
		    a_body_is_kept_up_to_a_byte_too_many_and_read_to_its_end),
		cmocka_unit_test(
		    variables_that_are_too_long_are_refused_at_once),
		cmocka_unit_test(
		    an_abort_or_another_role_is_answered_by_the_end),
		cmocka_unit_test(
		    another_request_is_refused_and_the_first_goes_on),
		cmocka_unit_test(the_web_server_is_told_what_it_asks),
		cmocka_unit_test(nonsense_is_told_from_a_request),
		cmocka_unit_test(a_record_of_another_version_is_nonsense),
		cmocka_unit_test(very_many_variables_are_nonsense),
		cmocka_unit_test(an_answer_is_split_into_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
