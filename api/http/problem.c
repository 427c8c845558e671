#include "api/http/problem.h"

#include <jansson.h>

#include "db/base/must.h"
#include "db/rows/json.h"

enum {
	RETRY_BUSY_S = 1,
	RETRY_REPAIRED_S = 5,
	RETRY_STREAMS_S = 5,
	RETRY_RATE_S = 1
};

static const struct {
	int status;
	const char *code;
	const char *detail;
} problems[N_PROBLEMS] = {
	[PROBLEM_NONE] = { 500, "internal", "The service failed." },
#define PROBLEM(name, status, code, detail) \
	[PROBLEM_##name] = { status, code, detail },
#include "api/http/problem.def"
#undef PROBLEM
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

int
problem_status(enum problem p)
{
	must((size_t)p < N_PROBLEMS);
	return problems[p].status;
}

const char *
problem_code(enum problem p)
{
	must((size_t)p < N_PROBLEMS);
	return problems[p].code;
}

int
problem_retry_after(enum problem p)
{
	if (p == PROBLEM_BUSY)
		return RETRY_BUSY_S;
	if (p == PROBLEM_READ_ONLY || p == PROBLEM_NOT_SET_UP)
		return RETRY_REPAIRED_S;
	if (p == PROBLEM_SLOW_MODE || p == PROBLEM_RATE_LIMITED)
		return RETRY_RATE_S;
	return p == PROBLEM_TOO_MANY_STREAMS ? RETRY_STREAMS_S : 0;
}

const char *
problem_phrase(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

/* FIELDS is stolen; NULL: none. */
static void
add_json(enum problem p, json_t *fields, struct buf *out)
{
	json_t *doc;

	must((size_t)p < N_PROBLEMS);
	doc = json_pack("{s:s, s:s, s:i, s:s, s:s, s:o*}", "type",
	    "about:blank", "title", problem_phrase(problems[p].status),
	    "status", problems[p].status, "code", problems[p].code, "detail",
	    problems[p].detail, "fields", fields);
	json_put(doc, out);
}

void
problem_add_json(enum problem p, struct buf *out)
{
	add_json(p, NULL, out);
}

void
problem_add_field_json(const char *field, const char *why, struct buf *out)
{
	json_t *fields = json_object();

	must(fields != NULL);
	must(json_object_set_new(fields, field, json_string(why)) == 0);
	add_json(PROBLEM_INVALID_FIELDS, fields, out);
}

enum problem
problem_of(enum db_rc rc, enum problem why)
{
	switch (rc) {
	case DB_NONE:
		return why != PROBLEM_NONE ? why : PROBLEM_NOT_FOUND;
	case DB_CONFLICT:
		return why != PROBLEM_NONE ? why : PROBLEM_INTERNAL;
	case DB_BUSY:
		return PROBLEM_BUSY;
	case DB_FULL:
		return PROBLEM_STORAGE_FULL;
	case DB_READ_ONLY:
		return PROBLEM_READ_ONLY;
	case DB_FAIL:
		return PROBLEM_INTERNAL;
	case DB_OK:
		break;
	}
	must(rc != DB_OK);
	return PROBLEM_INTERNAL;
}
