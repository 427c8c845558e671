/* A request target is read in the one standard way, or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/http/uri.h"

static const char *const plain[] = { "/", "/api/v1/rooms",
	"/api/v1/rooms/lobby?limit=5&after=x", "/~kim/chat/api/v1/rooms",
	"/a-b_c.d~e", "/%EA%B0%80", "/a%20b", "/?q=%2f%2e%2e", "/?a=1&b=", "/?",
	"/a?b?c", "/?x=/../y", "/?x=//", "/...", "/.hidden", "/a..b", "/a/",
	"/:@!$&'()*+,;=", "/?a=[1]" };

static const char *const hostile[] = { "", "x", "api/v1", "*", "http://host/",
	"//", "//host/path", "/a//b", "/a//", "/.", "/..", "/./a", "/a/.",
	"/a/./b", "/a/..", "/a/../b", "/../../etc/passwd", "/.?x", "/..?x",
	"/%2e", "/%2e%2e/a", "/%2E%2E/a", "/a/.%2e/b", "/%00", "/a%00.json",
	"/%0a", "/%0d%0aSet-Cookie:x", "/%09", "/%1f", "/%7f", "/a%2fb",
	"/a%2Fb", "/a%5cb", "/a\\b", "/%252f", "/%25", "/%", "/%4", "/%zz",
	"/%u0041", "/a b", "/a\tb", "/a\nb", "/a\rb", "/a\001", "/a\177",
	"/\303\251", "/\377", "/a#b", "/?a#b", "/?a=%", "/?a=%0", "/?a=%00",
	"/?a=%0a", "/?a=%0D", "/?a=%g1", "/?a=\303\251", "/?a= b", "/?a=\n" };

static void
a_plain_target_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (uri_check(plain[i]) != 0)
			fail_msg("refused: %s", plain[i]);
}

static void
a_target_that_two_could_read_differently_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		if (uri_check(hostile[i]) == 0)
			fail_msg("taken: %s", hostile[i]);
}

static void
a_target_of_8192_bytes_is_the_longest(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_addc(&b, '/');
	while (b.len < 8192)
		buf_addc(&b, 'a');
	assert_int_equal(uri_check(buf_str(&b)), 0);
	buf_addc(&b, 'a');
	assert_int_equal(uri_check(buf_str(&b)), -1);
	buf_done(&b);
}

static void
no_single_byte_makes_the_check_read_beyond_the_text(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++)
		for (int d = 0; d < 256; d++) {
			char *t = malloc(4);

			t[0] = '/';
			t[1] = (char)c;
			t[2] = (char)d;
			t[3] = '\0';
			if (uri_check(t) == 0)
				assert_true(c > ' ' && c < 0x7f);
			free(t);
		}
}

static void
path_and_query_are_parted_at_the_first_question_mark(void **state)
{
	(void)state;
	assert_int_equal(uri_path_len("/a/b?c=d?e"), 4);
	assert_string_equal(uri_query("/a/b?c=d?e"), "c=d?e");
	assert_int_equal(uri_path_len("/a"), 2);
	assert_string_equal(uri_query("/a"), "");
	assert_string_equal(uri_query("/a?"), "");
}

static const struct {
	const char *query;
	const char *name;
	enum uri_rc rc;
	const char *value;
} params[] = {
	{ "", "a", URI_NONE, "" },
	{ "a=1", "a", URI_OK, "1" },
	{ "a=1&b=2", "b", URI_OK, "2" },
	{ "ab=1&b=2", "b", URI_OK, "2" },
	{ "ab=1", "a", URI_NONE, "" },
	{ "a", "a", URI_NONE, "" },
	{ "a=", "a", URI_NONE, "" },
	{ "&&a=1&&", "a", URI_OK, "1" },
	{ "a=b=c", "a", URI_OK, "b=c" },
	{ "a=x+y%20z", "a", URI_OK, "x y z" },
	{ "a=%2B", "a", URI_OK, "+" },
	{ "a=%ea%B0%80", "a", URI_OK, "\xea\xb0\x80" },
	{ "a=%26b=2", "a", URI_OK, "&b=2" },
	{ "a=%26b=2", "b", URI_NONE, "" },
	{ "a=1&a=1", "a", URI_BAD, NULL },
	{ "a=1&a", "a", URI_BAD, NULL },
	{ "a=%", "a", URI_BAD, NULL },
	{ "a=%4", "a", URI_BAD, NULL },
	{ "a=%4&b=1", "a", URI_BAD, NULL },
	{ "a=%&41", "a", URI_BAD, NULL },
	{ "a=%00", "a", URI_BAD, NULL },
	{ "a=%gg", "a", URI_BAD, NULL },
	{ "A=1", "a", URI_NONE, "" },
	{ "%61=1", "a", URI_NONE, "" },
};

static void
a_parameter_is_decoded_once_and_must_stand_there_once(void **state)
{
	struct buf value = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		enum uri_rc rc;

		buf_adds(&value, "old");
		rc = uri_param(params[i].query, params[i].name, &value);
		if (rc != params[i].rc ||
		    (rc != URI_BAD &&
			strcmp(buf_str(&value), params[i].value) != 0))
			fail_msg("%s in %s: %d \"%s\"", params[i].name,
			    params[i].query, (int)rc, buf_str(&value));
	}
	buf_done(&value);
}

static void
a_segment_is_decoded_and_a_plus_in_it_is_one(void **state)
{
	struct buf value = BUF_INIT;

	(void)state;
	assert_int_equal(uri_segment("a+b%20c%7C/x", 10, &value), URI_OK);
	assert_string_equal(buf_str(&value), "a+b c|");
	assert_int_equal(uri_segment("%4", 2, &value), URI_BAD);
	assert_int_equal(uri_segment("%41", 2, &value), URI_BAD);
	assert_int_equal(uri_segment("%00", 3, &value), URI_BAD);
	buf_done(&value);
}

static void
B3_escapes_of_unreserved_signs_mean_nothing(void **state)
{
	static const struct {
		const char *target, *normal;
	} cases[] = {
		{ "/api/v1/rooms", "/api/v1/rooms" },
		{ "/%61pi/%76%31/r%6Foms", "/api/v1/rooms" },
		{ "/a%7Eb%5f%2D", "/a~b_-" },
		{ "/%2e%2E/etc", "/../etc" },
		{ "/a%2fb%5c%25%00%20", "/a%2fb%5c%25%00%20" },
		{ "/%2561", "/%2561" },
		{ "/a%6", "/a%6" },
		{ "/a%", "/a%" },
		{ "/%61?x=%61", "/a?x=%61" },
		{ "/sub:anna%2Esmith", "/sub:anna.smith" },
	};
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&b);
		uri_add_normal(&b, cases[i].target);
		assert_string_equal(buf_str(&b), cases[i].normal);
	}
	buf_done(&b);
}

/* RFC 9112 section 3.2.2: a server must accept the absolute form. */
static void
B3_a_whole_address_means_its_path(void **state)
{
	static const struct {
		const char *target, *normal;
	} cases[] = {
		{ "http://127.0.0.1:8080/api/v1/rooms?a=1",
		    "/api/v1/rooms?a=1" },
		{ "HTTPS://Chat.example/%61", "/a" },
		{ "http://[::1]:8080/", "/" },
		{ "http://host", "/" },
		{ "http://host?a=/b", "/?a=/b" },
		{ "http://host/../a", "/../a" },
		{ "http://host//a", "//a" },
		{ "http://", "http://" },
		{ "http:///a", "http:///a" },
		{ "http://a@b/c", "http://a@b/c" },
		{ "http://a%2fb/c", "http://a%2fb/c" },
		{ "http://a\\b/c", "http://a\\b/c" },
		{ "ftp://host/a", "ftp://host/a" },
		{ "/http://host/a", "/http://host/a" },
	};
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&b);
		uri_add_normal(&b, cases[i].target);
		assert_string_equal(buf_str(&b), cases[i].normal);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_target_is_taken),
		cmocka_unit_test(
		    a_target_that_two_could_read_differently_is_refused),
		cmocka_unit_test(a_target_of_8192_bytes_is_the_longest),
		cmocka_unit_test(
		    no_single_byte_makes_the_check_read_beyond_the_text),
		cmocka_unit_test(
		    path_and_query_are_parted_at_the_first_question_mark),
		cmocka_unit_test(
		    a_parameter_is_decoded_once_and_must_stand_there_once),
		cmocka_unit_test(B3_escapes_of_unreserved_signs_mean_nothing),
		cmocka_unit_test(B3_a_whole_address_means_its_path),
		cmocka_unit_test(a_segment_is_decoded_and_a_plus_in_it_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
