/* Origins that may call the API (CORS). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "db/base/buf.h"
#include "db/base/origins.h"
#include "api/http/cors.h"

static const char list[] = "https://a.example  http://b.example:8080";

struct from {
	const char *origin, *host, *forwarded_host, *fetch_site;
};

static struct request_headers
headers(const struct from *from)
{
	return (struct request_headers){ .origin = from->origin,
		.host = from->host,
		.forwarded_host = from->forwarded_host,
		.fetch_site = from->fetch_site };
}

static void
a_request_is_judged_by_its_origin(void **state)
{
	static const struct {
		const char *list;
		struct from from;
		int verdict, cookie;
	} cases[] = {
		{ list, { NULL, "c.example", NULL, NULL }, CORS_OWN, 1 },
		{ list, { NULL, "c.example", NULL, "none" }, CORS_OWN, 1 },
		{ list, { NULL, "c.example", NULL, "same-site" }, CORS_OWN, 0 },
		{ list, { NULL, "c.example", NULL, "cross-site" }, CORS_OWN,
		    0 },
		{ list, { "https://c.example", "c.example", NULL, NULL },
		    CORS_OWN, 1 },
		{ list, { "https://c.example", "C.example:443", NULL, NULL },
		    CORS_OWN, 1 },
		{ list, { "http://c.example", "c.example:80", NULL, NULL },
		    CORS_OWN, 1 },
		{ list, { "https://c.example", "c.example:80", NULL, NULL },
		    CORS_REFUSED, 0 },
		{ list, { "https://c.example:81", "c.example", NULL, NULL },
		    CORS_REFUSED, 0 },
		{ list, { "https://c.example", "x", "y, c.example", NULL },
		    CORS_OWN, 1 },
		{ list, { "https://c.example", "x", "c.example, y", NULL },
		    CORS_REFUSED, 0 },
		{ list, { "https://c.example", "x", NULL, "same-origin" },
		    CORS_OWN, 1 },
		{ list,
		    { "https://c.example", "c.example", NULL, "cross-site" },
		    CORS_REFUSED, 0 },
		{ list, { "https://a.example", "x", NULL, "cross-site" },
		    CORS_LISTED, 1 },
		{ list, { "http://b.example:8080", "x", NULL, NULL },
		    CORS_LISTED, 1 },
		{ list, { "http://a.example", "x", NULL, NULL }, CORS_REFUSED,
		    0 },
		{ list, { "https://a.example.org", "x", NULL, NULL },
		    CORS_REFUSED, 0 },
		{ list, { "https://a", "x", NULL, NULL }, CORS_REFUSED, 0 },
		{ list, { "null", "x", NULL, NULL }, CORS_REFUSED, 0 },
		{ list, { "", "", NULL, NULL }, CORS_REFUSED, 0 },
		{ "", { "https://a.example", "x", NULL, NULL }, CORS_REFUSED,
		    0 },
		{ "*", { "https://a.example", "x", NULL, NULL }, CORS_ANY, 0 },
		{ "*", { "null", "x", NULL, NULL }, CORS_ANY, 0 },
		{ "*", { "*", "x", NULL, NULL }, CORS_ANY, 0 },
		{ "* https://a.example",
		    { "https://a.example", "x", NULL, NULL }, CORS_LISTED, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request_headers h = headers(&cases[i].from);
		struct cors c = cors_judge(cases[i].list, &h);

		if ((int)c.verdict != cases[i].verdict ||
		    c.cookie != cases[i].cookie)
			fail_msg(
			    "case %zu: %d %d", i, (int)c.verdict, c.cookie);
	}
}

static void
put(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s: %s\n", name, value);
}

static void
only_who_is_listed_gets_headers_and_with_a_star_no_credentials(void **state)
{
	struct request_headers r = { .origin = "https://a.example",
		.host = "x" };
	struct buf b = BUF_INIT;
	struct cors c = cors_judge(list, &r);

	(void)state;
	cors_headers(&c, put, &b);
	assert_non_null(strstr(
	    buf_str(&b), "Access-Control-Allow-Origin: https://a.example\n"));
	assert_non_null(strstr(buf_str(&b), "Credentials: true\n"));
	assert_non_null(strstr(buf_str(&b), "Vary: Origin\n"));
	buf_clear(&b);
	c = cors_judge("*", &r);
	cors_headers(&c, put, &b);
	assert_non_null(
	    strstr(buf_str(&b), "Access-Control-Allow-Origin: *\n"));
	assert_null(strstr(buf_str(&b), "Credentials"));
	buf_clear(&b);
	c = cors_judge("", &r);
	cors_headers(&c, put, &b);
	cors_preflight(&c, put, &b);
	r.origin = NULL;
	c = cors_judge(list, &r);
	cors_headers(&c, put, &b);
	cors_preflight(&c, put, &b);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void
D5_a_list_that_could_never_match_is_refused(void **state)
{
	static const char *const bad[] = { "example.com", "https://a.example/",
		"https://A.example", "https://", "ftp://a.example", "null",
		"https://a.example,https://b.example", "https://a.example **",
		"http://[::1]:80", "https://a.example:443", "http://a:0",
		"http://a:65536", "http://a:99999", "http://a:080",
		"http://a:", "http://a:8080x", "http://a:b:8080", "http://a..b",
		"http://.a", "http://127.1", "http://[::g]", "http://::1",
		"http://[::1", "http://a]", NULL };

	(void)state;
	assert_int_equal(origins_check(""), 0);
	assert_int_equal(origins_check("  "), 0);
	assert_int_equal(origins_check("*"), 0);
	assert_int_equal(origins_check(list), 0);
	assert_int_equal(origins_check(" http://[::1]:8080 http://[::1] "), 0);
	assert_int_equal(origins_check("http://my_host.a https://127.0.0.1:80 "
				       "http://localhost:443"),
	    0);
	for (int i = 0; bad[i] != NULL; i++)
		if (origins_check(bad[i]) == 0)
			fail_msg("%s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_judged_by_its_origin),
		cmocka_unit_test(
		    only_who_is_listed_gets_headers_and_with_a_star_no_credentials),
		cmocka_unit_test(D5_a_list_that_could_never_match_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
