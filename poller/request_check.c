#include "poller/request_check.h"

#include <strings.h>

#include "api/http/uri.h"

struct seen {
	int lengths, encodings, hosts, bad;
	const char *next; /* where a field must begin; NULL: a check failed */
};

enum { LINE_END = sizeof("\r\n") - 1 };

/*
 * libmicrohttpd before 1.0 skips input that it does not understand, so the
 * place where it found each field is compared with the place where a field must
 * be.  From 1.0 on it refuses such requests itself, and moves the input that it
 * has read.
 */
static int
parser_is_lax(void)
{
	return strncmp(MHD_get_version(), "0.", 2) == 0;
}

static int
named(const char *key, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(key, name, len) == 0;
}

/* A character of a field's name (RFC 9110 section 5.6.2). */
static int
is_token_char(char c)
{
	static const char signs[] = "!#$%&'*+-.^_`|~";

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || memchr(signs, c, sizeof(signs) - 1);
}

static int
is_token(const char *key, size_t len)
{
	size_t n = 0;

	while (n < len && is_token_char(key[n]))
		n++;
	return len > 0 && n == len;
}

static int
has_control(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') ||
		    value[i] == 0x7f)
			return 1;
	return 0;
}

/*
 * Whether only a colon and spaces separate the line before, the key and the
 * value.
 */
static int
follows(
    const struct seen *s, const char *key, size_t key_len, const char *value)
{
	const char *colon = key + key_len;

	return s->next != NULL && key == s->next &&
	    value == colon + 1 + strspn(colon + 1, " \t");
}

static enum MHD_Result
check_field(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_len,
    const char *value, size_t len)
{
	struct seen *s = arg;

	(void)kind;
	s->next =
	    follows(s, key, key_len, value) ? value + len + LINE_END : NULL;
	if ((parser_is_lax() && s->next == NULL) || !is_token(key, key_len) ||
	    has_control(value, len))
		s->bad = 1;
	else if (named(key, key_len, "Content-Length")) {
		s->lengths++;
		s->bad |= len == 0 || strspn(value, "0123456789") != len;
	} else if (named(key, key_len, "Transfer-Encoding")) {
		s->encodings++;
		s->bad |= !named(value, len, "chunked");
	} else if (named(key, key_len, "Host"))
		s->hosts++;
	return MHD_YES;
}

/* Where the fields begin; NULL: the request line has surplus spaces. */
static const char *
fields_begin(const char *target, const char *method, const char *version)
{
	const char *at = method + strlen(method) + strlen(target) + 2;

	return at == version ? version + strlen(version) + LINE_END : NULL;
}

static int
is_whole(
    struct MHD_Connection *connection, const struct seen *s, const char *method)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return !parser_is_lax() ||
	    (s->next != NULL && info != NULL &&
		s->next + LINE_END == method + info->header_size);
}

/* HTTP/1.0 has no chunks: an old front would take them for a request. */
static int
chunks_too_early(const struct seen *s, const char *version)
{
	return s->encodings > 0 && strcmp(version, "HTTP/1.0") == 0;
}

enum problem
request_check(struct MHD_Connection *connection, const char *target,
    const char *method, const char *version)
{
	struct seen s = { .next = fields_begin(target, method, version) };

	(void)MHD_get_connection_values_n(
	    connection, MHD_HEADER_KIND, check_field, &s);
	if (s.bad || s.lengths > 1 || s.encodings > 1 || s.hosts > 1 ||
	    s.lengths + s.encodings > 1 || chunks_too_early(&s, version) ||
	    !is_whole(connection, &s, method))
		return PROBLEM_MALFORMED_REQUEST;
	return PROBLEM_NONE;
}
