#include "poller/gate.h"

#include <strings.h>

#include "db/base/uri.h"

struct seen {
	int lengths, encodings, hosts, bad;
};

static int
named(const char *key, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(key, name, len) == 0;
}

/* RFC 9110 section 5.6.2: what a field's name may be made of. */
static int
is_token(const char *key, size_t len)
{
	static const char allowed[] =
	    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return len > 0 && strlen(key) == len && strspn(key, allowed) == len;
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

static enum MHD_Result
look(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_len,
    const char *value, size_t len)
{
	struct seen *s = arg;

	(void)kind;
	if (value == NULL)
		value = "";
	if (!is_token(key, key_len) || has_control(value, len))
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

enum problem
gate_check(struct MHD_Connection *connection, const char *target)
{
	struct seen s = { 0 };

	(void)MHD_get_connection_values_n(
	    connection, MHD_HEADER_KIND, look, &s);
	if (s.bad || s.lengths > 1 || s.encodings > 1 || s.hosts > 1 ||
	    s.lengths + s.encodings > 1 || uri_check(target) != 0)
		return PROBLEM_MALFORMED_REQUEST;
	return PROBLEM_NONE;
}
