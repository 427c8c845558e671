/*
 * The address at which a program listens is used as it is written, or refused
 * with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "db/base/endpoint.h"

static const struct {
	const char *text, *host, *port;
	int numeric;
} taken[] = {
	{ "127.0.0.1:8080", "127.0.0.1", "8080", 1 },
	{ "0.0.0.0:80", "0.0.0.0", "80", 1 },
	{ "127.0.0.1:0", "127.0.0.1", "0", 1 },
	{ "127.0.0.1:65535", "127.0.0.1", "65535", 1 },
	{ "127.0.0.1:08080", "127.0.0.1", "8080", 1 },
	{ "[::1]:8080", "::1", "8080", 1 },
	{ "[::]:8080", "::", "8080", 1 },
	{ "[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", "1", 1 },
	{ "[fe80::1%eth0]:8080", "fe80::1%eth0", "8080", 1 },
	{ "localhost:8080", "localhost", "8080", 0 },
	{ "my_host.Example.org:8080", "my_host.Example.org", "8080", 0 },
	{ "chat.example.org.:1", "chat.example.org.", "1", 0 },
	{ "3f2a1c:80", "3f2a1c", "80", 0 },
};

static void
D4_an_address_is_taken_as_it_is_written(void **state)
{
	struct endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		const char *why = endpoint_read(taken[i].text, &e);

		if (why != NULL)
			fail_msg("refused: %s: %s", taken[i].text, why);
		assert_null(e.path);
		assert_string_equal(e.host, taken[i].host);
		assert_string_equal(e.port, taken[i].port);
		assert_int_equal(e.numeric, taken[i].numeric);
	}
}

static const struct {
	const char *text, *why;
} refused[] = {
	{ "", "a host and a port" },
	{ "8080", "a host and a port" },
	{ "localhost", "a host and a port" },
	{ "/run/x.sock", "a host and a port" },
	{ ":24011", "the host is missing" },
	{ ":", "the host is missing" },
	{ "*:8080", "neither an address nor a name" },
	{ "127.0.0.1:", "a port is" },
	{ "127.0.0.1:99999", "a port is" },
	{ "127.0.0.1:65536", "a port is" },
	{ "127.0.0.1:4294967376", "a port is" },
	{ "127.0.0.1:99999999999999999999", "a port is" },
	{ "127.0.0.1:-1", "a port is" },
	{ "127.0.0.1:+80", "a port is" },
	{ "127.0.0.1: 80", "a port is" },
	{ "127.0.0.1:80 ", "a port is" },
	{ "127.0.0.1:80x", "a port is" },
	{ "127.0.0.1:0x50", "a port is" },
	{ "127.0.0.1:http", "a port is" },
	{ "[::1]:", "a port is" },
	{ "[::1]:99999", "a port is" },
	{ "127.0.0.256:80", "neither an address nor a name" },
	{ "127.0.0.1.:80", "neither an address nor a name" },
	{ "127.1:80", "neither an address nor a name" },
	{ "2130706433:80", "neither an address nor a name" },
	{ "0x7f000001:80", "neither an address nor a name" },
	{ "1.2.3.0x4:80", "neither an address nor a name" },
	{ " localhost:80", "neither an address nor a name" },
	{ "local host:80", "neither an address nor a name" },
	{ "a..b:80", "neither an address nor a name" },
	{ ".a:80", "neither an address nor a name" },
	{ ".:80", "neither an address nor a name" },
	{ "http://localhost:80", "needs brackets" },
	{ "::1:80", "needs brackets" },
	{ ":::80", "needs brackets" },
	{ "[::1]", "needs brackets" },
	{ "[::1", "needs brackets" },
	{ "[::1]80", "needs brackets" },
	{ "[]:80", "not an IPv6 address" },
	{ "[127.0.0.1]:80", "not an IPv6 address" },
	{ "[localhost]:80", "not an IPv6 address" },
	{ "[::1::2]:80", "not an IPv6 address" },
	{ "unix:", "begins with /" },
	{ "unix:x.sock", "begins with /" },
	{ "unix:./x.sock", "begins with /" },
	{ "unix:/", "ends with the socket's name" },
	{ "unix:/run/", "ends with the socket's name" },
};

static void
D4_what_is_no_address_is_refused_in_words(void **state)
{
	struct endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *why = endpoint_read(refused[i].text, &e);

		if (why == NULL || strstr(why, refused[i].why) == NULL)
			fail_msg("\"%s\": %s", refused[i].text,
			    why != NULL ? why : "taken");
	}
}

static void
D4_a_path_or_a_host_has_its_longest_length_and_no_byte_more(void **state)
{
	char text[400] = "unix:/";
	struct endpoint e;

	(void)state;
	memset(text + 6, 'a', ENDPOINT_PATH_MAX - 1);
	assert_null(endpoint_read(text, &e));
	assert_int_equal(strlen(e.path), ENDPOINT_PATH_MAX);
	text[strlen(text)] = 'a';
	assert_non_null(strstr(endpoint_read(text, &e), "at most 107 bytes"));
	memset(text, 0, sizeof(text));
	for (size_t i = 0; i < 300; i++)
		text[i] = i % 2 == 0 ? 'a' : '.';
	memcpy(text + 300, ":80", 4);
	assert_non_null(strstr(endpoint_read(text, &e), "253 bytes"));
	memset(text, 'a', 64);
	memcpy(text + 64, ":80", 4);
	assert_non_null(endpoint_read(text, &e));
	assert_null(endpoint_read(text + 1, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(D4_an_address_is_taken_as_it_is_written),
		cmocka_unit_test(D4_what_is_no_address_is_refused_in_words),
		cmocka_unit_test(
		    D4_a_path_or_a_host_has_its_longest_length_and_no_byte_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
