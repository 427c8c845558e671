#include "poller/gate.h"

#include <strings.h>

#include "db/base/uri.h"

struct seen {
	int lengths, encodings, hosts, bad;
	size_t fields, bytes; /* as they are written without any space */
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
	s->fields++;
	s->bytes += key_len + len + sizeof(":\r\n") - 1;
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

/*
 * What the parser has cut (at a NUL), merged (a folded line) or passed over (a
 * line without a name) is missing in what it gives us.  A request of which
 * more bytes came than it is made of, with a space after each colon, is one
 * that others may read differently.
 */
static int
is_whole(struct MHD_Connection *connection, const struct seen *s,
    const char *target, const char *method, const char *version)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	size_t least = strlen(method) + strlen(target) + strlen(version) +
	    sizeof("  \r\n\r\n") - 1 + s->bytes;

	return info == NULL || info->header_size <= least + s->fields;
}

enum problem
gate_check(struct MHD_Connection *connection, const char *target,
    const char *method, const char *version)
{
	struct seen s = { 0 };

	(void)MHD_get_connection_values_n(
	    connection, MHD_HEADER_KIND, look, &s);
	if (s.bad || s.lengths > 1 || s.encodings > 1 || s.hosts > 1 ||
	    s.lengths + s.encodings > 1 || uri_check(target) != 0 ||
	    !is_whole(connection, &s, target, method, version))
		return PROBLEM_MALFORMED_REQUEST;
	return PROBLEM_NONE;
}
