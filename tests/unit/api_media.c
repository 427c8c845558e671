/* The media type of a body, by its headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/http/media.h"

static const char *const json[] = { "application/json", "Application/JSON",
	" application/json ", "application/json;", "application/json ; ",
	"application/json;charset=utf-8", "application/json; charset=UTF-8",
	"application/json;\tCharset=\"Utf-8\"",
	"application/json; charset=utf-8; profile=x",
	"application/json;odata=verbose", "application/json; x=\"a;b\\\"\"",
	"application/json;charset=utf8", "application/json; charset=\"UTF8\"",
	"application/merge-patch+json",
	"application/vnd.api+json;charset=utf-8", "application/ld+JSON" };

static const char *const other[] = { "", "text/plain", "text/json",
	"application/jsonx", "application/xjson", "application/+json", "json",
	"application/json charset=utf-8", "application/json, text/plain",
	"application/json;charset",
	"application/json;charset=", "application/json;charset=latin1",
	"application/json;charset=utf-16", "application/json;charset=\"",
	"application/json;charset=\"\"", "application/json;charset=utf88",
	"application/json;charset=utf-8;charset=latin1",
	"application/x-www-form-urlencoded", "multipart/form-data",
	"text/plain+json", "application/json;charset=\"utf-8" };

static void
B3_json_is_known_in_every_writing_and_nothing_else_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++)
		if (!media_is_json(json[i]))
			fail_msg("it is JSON: \"%s\"", json[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (media_is_json(other[i]))
			fail_msg("it is not JSON: \"%s\"", other[i]);
	assert_false(media_is_json(NULL));
}

static void
B3_a_coding_is_known_by_its_name(void **state)
{
	static const char *const codings[] = { "gzip", "br", "deflate", "zstd",
		"identity, gzip", "x-gzip", "aes128gcm", "identityx" };

	(void)state;
	assert_true(media_is_identity(NULL));
	assert_true(media_is_identity(""));
	assert_true(media_is_identity("identity"));
	assert_true(media_is_identity(" Identity "));
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		assert_false(media_is_identity(codings[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    B3_json_is_known_in_every_writing_and_nothing_else_is),
		cmocka_unit_test(B3_a_coding_is_known_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
