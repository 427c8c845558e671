/*
 * The dispatcher: the order of its refusals, and that no handler runs after
 * one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/http/mount.h"
#include "db/rows/ids.h"
#include "tests/lib/testapi.h"

static struct {
	struct testapi at;
	char token[TOKEN_LEN + 1];
} here;

static struct reply
ask(enum method method, const char *target, const char *type, const char *token,
    const char *body)
{
	struct request r = { .method = method,
		.target = target,
		.headers.content_type = type,
		.headers.parlor_token = token,
		.body = body,
		.len = body != NULL ? strlen(body) : 0 };

	return api_handle(&here.at.api, &r);
}

static const char json[] = "application/json";

static int
setup(void **state)
{
	struct reply r;
	const char *at;

	(void)state;
	testapi_open(&here.at);
	r = ask(METHOD_POST, "/api/v1/rooms", json, NULL, "{\"id\":\"ops\"}");
	assert_int_equal(r.status, 201);
	at = strstr(r.body.p, "\"token\":\"");
	assert_non_null(at);
	memcpy(here.token, at + sizeof("\"token\":\"") - 1, TOKEN_LEN);
	reply_done(&r);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	testapi_close(&here.at);
	return 0;
}

static const struct {
	enum method method;
	const char *target, *type;
	int known;
	const char *body;
	int status;
	const char *code;
} refusals[] = {
	{ METHOD_GET, "/api/v1/rooms/%00", NULL, 0, NULL, 400,
	    "malformed_request" },
	{ METHOD_GET, "/api/v1/nothing", NULL, 0, NULL, 404, "not_found" },
	{ METHOD_GET, "/api/v1/rooms/", NULL, 0, NULL, 404, "not_found" },
	{ METHOD_PUT, "/api/v1/nothing", NULL, 0, NULL, 404, "not_found" },
	{ METHOD_PUT, "/api/v1/rooms", NULL, 0, NULL, 405,
	    "method_not_allowed" },
	{ METHOD_OTHER, "/api/v1/rooms", NULL, 0, NULL, 405,
	    "method_not_allowed" },
	{ METHOD_GET, "/api/v1/me", NULL, 0, NULL, 401, "token_required" },
	{ METHOD_POST, "/api/v1/rooms", "text/plain", 0, "{}", 415,
	    "unsupported_media_type" },
	{ METHOD_POST, "/api/v1/rooms", "application/jsonx", 0, "{}", 415,
	    "unsupported_media_type" },
	{ METHOD_POST, "/api/v1/rooms", "application/json; charset=latin1", 0,
	    "{}", 415, "unsupported_media_type" },
	{ METHOD_POST, "/api/v1/rooms", NULL, 0, NULL, 415,
	    "unsupported_media_type" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{", 400, "malformed_json" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "[]", 400, "malformed_json" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{} {}", 400,
	    "malformed_json" },
	{ METHOD_POST, "/api/v1/rooms", json, 0,
	    "{\"title\":\"a\",\"title\":\"b\"}", 400, "malformed_json" },
	{ METHOD_POST, "/api/v1/rooms", json, 0,
	    "{\"title\":[[[[[[[[1]]]]]]]]}", 400, "malformed_json" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"title\":\"\\u0000\"}", 400,
	    "malformed_json" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"nonsense\":1}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"title\":7}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"capacity\":1.5}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"capacity\":0}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"listed\":1}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0,
	    "{\"expires_at\":\"2020-01-01T00:00:00Z\"}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0,
	    "{\"expires_at\":\"2999-02-30T00:00:00Z\"}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"id\":\"-a-\"}", 422,
	    "invalid_fields" },
	{ METHOD_POST, "/api/v1/rooms", json, 0, "{\"id\":\"ops\"}", 409,
	    "room_exists" },
	{ METHOD_POST, "/api/v1/rooms/ops/messages", json, 1,
	    "{\"content\":\"x\"}", 403, "not_in_room" },
	{ METHOD_GET, "/api/v1/rooms/none", NULL, 0, NULL, 404, "not_found" },
	{ METHOD_GET, "/api/v1/rooms?limit=0", NULL, 0, NULL, 400,
	    "malformed_request" },
	{ METHOD_GET, "/api/v1/rooms?limit=1&limit=2", NULL, 0, NULL, 400,
	    "malformed_request" },
};

static void
each_refusal_has_its_status_and_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct reply r = ask(refusals[i].method, refusals[i].target,
		    refusals[i].type, refusals[i].known ? here.token : NULL,
		    refusals[i].body);
		struct buf code = BUF_INIT;

		if (r.status != refusals[i].status)
			print_error("%s %s: %s\n", refusals[i].target,
			    refusals[i].body != NULL ? refusals[i].body : "",
			    buf_str(&r.body));
		assert_int_equal(r.status, refusals[i].status);
		assert_string_equal(r.type, "application/problem+json");
		buf_addf(&code, "\"code\":\"%s\"", refusals[i].code);
		assert_non_null(strstr(r.body.p, buf_str(&code)));
		buf_done(&code);
		reply_done(&r);
	}
}

static const struct {
	enum method method;
	const char *target, *expanded; /* NULL: it is no short address */
} shorts[] = {
	{ METHOD_POST, "/ops", "/api/v1/rooms/ops/text" },
	{ METHOD_POST, "/a/b%20c/ops", "/a/b%20c/api/v1/rooms/ops/text" },
	{ METHOD_POST, "/chat/ops?title=x",
	    "/chat/api/v1/rooms/ops/text?title=x" },
	{ METHOD_GET, "/ops", NULL },
	{ METHOD_PUT, "/ops", NULL },
	{ METHOD_OPTIONS, "/ops", NULL },
	{ METHOD_POST, "/", NULL },
	{ METHOD_POST, "/ab", NULL },
	{ METHOD_POST, "/-ops", NULL },
	{ METHOD_POST, "/ops/", NULL },
	{ METHOD_POST, "/Ops", NULL },
	{ METHOD_POST, "/index.html", NULL },
	{ METHOD_POST, "/a2345678901234567890123456789012345678901", NULL },
	{ METHOD_POST, "/chat/events", NULL },
	{ METHOD_POST, "/chat/api/v1/ops", NULL },
};
enum { N_SHORTS = sizeof(shorts) / sizeof(shorts[0]) };

static void
a_short_address_stands_for_a_longer_one_in_its_folder(void **state)
{
	(void)state;
	for (int i = 0; i < N_SHORTS; i++) {
		struct request r = { .method = shorts[i].method,
			.target = shorts[i].target };
		struct buf to = BUF_INIT;
		int expected = shorts[i].expanded != NULL;

		assert_int_equal(mount_expand(&r, &to), expected);
		assert_string_equal(
		    buf_str(&to), expected ? shorts[i].expanded : "");
		r.headers.preflight_method = "POST";
		r.method = METHOD_OPTIONS;
		buf_clear(&to);
		if (shorts[i].method == METHOD_POST)
			assert_int_equal(mount_expand(&r, &to), expected);
		buf_done(&to);
	}
}

static void
a_method_that_a_path_has_not_is_answered_with_those_it_has(void **state)
{
	struct reply r = ask(METHOD_PUT, "/api/v1/rooms/ops", NULL, NULL, NULL);

	(void)state;
	assert_int_equal(r.status, 405);
	assert_string_equal(buf_str(&r.allow), "GET, PATCH, DELETE");
	reply_done(&r);
}

static void
a_body_longer_than_its_route_takes_is_refused_before_it_is_read(void **state)
{
	struct buf body = BUF_INIT;
	struct reply r;

	(void)state;
	for (int i = 0; i < 4097; i++)
		buf_addc(&body, '{');
	r = ask(METHOD_POST, "/api/v1/rooms", "text/plain", NULL, body.p);
	assert_int_equal(r.status, 413);
	reply_done(&r);
	buf_done(&body);
}

static void
an_unknown_token_is_refused_even_where_none_is_needed(void **state)
{
	struct reply r = ask(METHOD_GET, "/api/v1/rooms", NULL, "x", NULL);

	(void)state;
	assert_int_equal(r.status, 401);
	assert_int_equal(r.authenticate, 1);
	reply_done(&r);
}

static void
any_folder_before_the_api_is_passed_over(void **state)
{
	struct reply r =
	    ask(METHOD_GET, "/chat/api/v1/rooms/ops", NULL, NULL, NULL);

	(void)state;
	assert_int_equal(r.status, 200);
	reply_done(&r);
	assert_string_equal(
	    mount_path("/chat/events?rooms=ops"), "/events?rooms=ops");
	assert_null(mount_path("/index.html?x=/api/v1/rooms"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_has_its_status_and_code),
		cmocka_unit_test(
		    a_method_that_a_path_has_not_is_answered_with_those_it_has),
		cmocka_unit_test(
		    a_body_longer_than_its_route_takes_is_refused_before_it_is_read),
		cmocka_unit_test(
		    an_unknown_token_is_refused_even_where_none_is_needed),
		cmocka_unit_test(
		    a_short_address_stands_for_a_longer_one_in_its_folder),
		cmocka_unit_test(any_folder_before_the_api_is_passed_over),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
