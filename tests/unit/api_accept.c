/* The form of events that an Accept header asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/http/accept.h"

enum { JSON, SSE, NDJSON, N_TYPES };

static const char *const types[N_TYPES] = { "application/json",
	"text/event-stream", "application/x-ndjson" };

static const struct {
	const char *accept;
	size_t chosen;
} cases[] = {
	{ NULL, JSON },
	{ "", JSON },
	{ "*/*", JSON },
	{ "text/event-stream", SSE },
	{ "TEXT/Event-Stream", SSE },
	{ "  text/event-stream\t", SSE },
	{ "application/x-ndjson", NDJSON },
	{ "text/event-stream;q=0, application/json", JSON },
	{ "application/json, text/event-stream;q=0", JSON },
	{ "text/event-stream;q=0", JSON },
	{ "text/event-stream;q=0.0, */*", JSON },
	{ "text/event-stream;q=0.000, application/x-ndjson;q=0.001", NDJSON },
	{ "application/json;q=0.5, text/event-stream", SSE },
	{ "application/json;q=0.5, text/event-stream;q=0.4", JSON },
	{ "application/json;q=0.5,text/event-stream;q=0.51", SSE },
	{ "application/json ; q=0.2 , text/event-stream ; Q=0.3", SSE },
	{ "text/event-stream, */*", SSE },
	{ "*/*, text/event-stream", SSE },
	{ "*/*;q=0.1, text/event-stream;q=0.2", SSE },
	{ "*/*;q=0.8, text/event-stream;q=0.2", JSON },
	{ "text/event-stream;q=0.2, */*;q=0.8", JSON },
	{ "application/json;q=0.1, */*", SSE },
	{ "text/html, text/*;q=0.3, */*;q=0.8", JSON },
	{ "text/*", SSE },
	{ "Text/*;q=0.9, application/*;q=0.8", SSE },
	{ "text/*;q=0.5, text/event-stream;q=0, application/*;q=0.1", JSON },
	{ "*/*;q=0, application/x-ndjson", NDJSON },
	{ "application/json, text/event-stream", JSON },
	{ "text/event-stream, application/json", SSE },
	{ "text/html,application/xhtml+xml,*/*;q=0.8", JSON },
	{ "image/png", JSON },
	{ "image/png;q=0.9, text/event-stream;q=0.1", SSE },
	{ "text/event-stream-of-mine", JSON },
	{ "x-text/event-stream", JSON },
	{ "text/event-stream;charset=utf-8", SSE },
	{ "text/event-stream;x=\"a, b;q=0\";q=1, application/json;q=0.9", SSE },
	{ "image/png;x=\"text/event-stream\"", JSON },
	{ "image/png;x=\"\\\", text/event-stream\"", JSON },
	{ "application/json;q=0.5;x=1, text/event-stream", SSE },
	{ "text/event-stream;q=1.000, application/json;q=0.999", SSE },
	{ ", ,text/event-stream,,", SSE },
	{ "text/event-stream;", SSE },
	{ ";q=1,text/event-stream", SSE },
	{ "*", JSON },
	{ "*/event-stream", JSON },
};

static void
B3_the_greatest_weight_is_chosen_then_the_most_precise(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (accept_choose(cases[i].accept, types, N_TYPES) !=
		    cases[i].chosen)
			fail_msg("Accept: %s: %zu", cases[i].accept,
			    accept_choose(cases[i].accept, types, N_TYPES));
}

static void
B3_a_coding_is_used_when_it_is_named_and_not_refused(void **state)
{
	static const struct {
		const char *accept;
		int gzip, br;
	} codings[] = {
		{ NULL, 0, 0 },
		{ "", 0, 0 },
		{ "gzip, deflate, br, zstd", 1, 1 },
		{ "GZIP", 1, 0 },
		{ " gzip ;q=0.5 , br;q=0", 1, 0 },
		{ "br;q=0.0,gzip;q=0.001", 1, 0 },
		{ "x-gzip, brotli", 0, 0 },
		{ "*", 0, 0 },
		{ ",,br", 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (accept_has_coding(codings[i].accept, "gzip") !=
			codings[i].gzip ||
		    accept_has_coding(codings[i].accept, "br") != codings[i].br)
			fail_msg("Accept-Encoding: %s", codings[i].accept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    B3_the_greatest_weight_is_chosen_then_the_most_precise),
		cmocka_unit_test(
		    B3_a_coding_is_used_when_it_is_named_and_not_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
