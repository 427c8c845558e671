#include "api/http/media.h"

#include <string.h>
#include <strings.h>

static const char spaces[] = " \t";

static int
is(const char *text, size_t len, const char *what)
{
	return len == strlen(what) && strncasecmp(text, what, len) == 0;
}

static int
is_json_name(const char *name, size_t len)
{
	static const char prefix[] = "application/", suffix[] = "+json";
	size_t least = sizeof(prefix) - 1 + sizeof(suffix) - 1;

	if (is(name, len, "application/json"))
		return 1;
	return len > least && is(name, sizeof(prefix) - 1, prefix) &&
	    is(name + len - (sizeof(suffix) - 1), sizeof(suffix) - 1, suffix);
}

/* The end of a parameter's value, which may be quoted. */
static const char *
value_end(const char *p)
{
	if (*p != '"')
		return p + strcspn(p, "; \t");
	for (p++; *p != '\0' && *p != '"'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return *p == '"' ? p + 1 : p;
}

/* "utf8" is no registered name, but many programs send it. */
static int
is_utf8(const char *value, size_t len)
{
	if (len > 1 && *value == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	return is(value, len, "utf-8") || is(value, len, "utf8");
}

/* Reads parameters from P on; 0: malformed, or another charset. */
static int
parameters_fit(const char *p)
{
	while (*p == ';') {
		const char *name = p + 1 + strspn(p + 1, spaces), *value, *end;
		size_t len = strcspn(name, "=; \t");

		p = name + len;
		if (len == 0) {
			p += strspn(p, spaces);
			continue;
		}
		if (*p != '=')
			return 0;
		value = p + 1;
		end = value_end(value);
		if (is(name, len, "charset") &&
		    !is_utf8(value, (size_t)(end - value)))
			return 0;
		p = end + strspn(end, spaces);
	}
	return *p == '\0';
}

int
media_is_json(const char *type)
{
	size_t len;

	if (type == NULL)
		return 0;
	type += strspn(type, spaces);
	len = strcspn(type, "; \t");
	return is_json_name(type, len) &&
	    parameters_fit(type + len + strspn(type + len, spaces));
}

int
media_is_multipart(const char *type)
{
	static const char prefix[] = "multipart/";

	return type != NULL &&
	    strncasecmp(
		type + strspn(type, spaces), prefix, sizeof(prefix) - 1) == 0;
}

int
media_is_identity(const char *coding)
{
	size_t len;

	if (coding == NULL)
		return 1;
	coding += strspn(coding, spaces);
	len = strcspn(coding, spaces);
	return (len == 0 || is(coding, len, "identity")) &&
	    coding[len + strspn(coding + len, spaces)] == '\0';
}
