#include "api/http/uri.h"

#include <stdbool.h>
#include <strings.h>

#include "db/base/must.h"

enum { TARGET_MAX = 8192 };

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that %XY at P stands for; -1: malformed. */
static int
escaped(const char *p)
{
	int high, low;

	if (p[0] != '%' || (high = hex(p[1])) < 0 || (low = hex(p[2])) < 0)
		return -1;
	return high * 16 + low;
}

static bool
control(int c)
{
	return c < ' ' || c == 0x7f;
}

/* Parsers disagree about "/", "/." and "/..". */
static bool
odd_segment(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] != '/')
		n++;
	return (n == 0 && p != end) || (n == 1 && p[0] == '.') ||
	    (n == 2 && p[0] == '.' && p[1] == '.');
}

static int
check_path(const char *path, size_t len)
{
	const char *end = path + len;

	for (const char *p = path; p < end; p++) {
		int c = (unsigned char)*p;

		if (c == '/' && odd_segment(p + 1, end))
			return -1;
		if (c == '%') {
			c = escaped(p);
			if (c == '/' || c == '\\' || c == '.' || c == '%')
				return -1;
		}
		if (c < 0 || control(c) || *p == '#' || *p == '\\')
			return -1;
	}
	return 0;
}

static int
check_query(const char *query)
{
	for (const char *p = query; *p != '\0'; p++) {
		int c = (unsigned char)*p;

		if (c == '%')
			c = escaped(p);
		if (c < 0 || control(c) || *p == '#' || (*p & 0x80) != 0)
			return -1;
	}
	return 0;
}

int
uri_check(const char *target)
{
	if (target[0] != '/' || strlen(target) > TARGET_MAX)
		return -1;
	for (const char *p = target; *p != '\0'; p++)
		if (control((unsigned char)*p) || *p == ' ' || (*p & 0x80) != 0)
			return -1;
	if (check_path(target, uri_path_len(target)) != 0)
		return -1;
	return check_query(uri_query(target));
}

size_t
uri_path_len(const char *target)
{
	return strcspn(target, "?");
}

const char *
uri_query(const char *target)
{
	const char *mark = strchr(target, '?');

	return mark != NULL ? mark + 1 : "";
}

static bool
unreserved(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/* Where the path of TARGET begins; TARGET may be a whole http(s) address. */
static const char *
path_of(const char *target)
{
	static const char host[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz"
				   "0123456789-.:[]";
	size_t scheme = 0, len;

	if (strncasecmp(target, "http://", 7) == 0)
		scheme = 7;
	else if (strncasecmp(target, "https://", 8) == 0)
		scheme = 8;
	len = scheme > 0 ? strspn(target + scheme, host) : 0;
	if (len == 0 || strchr("/?", target[scheme + len]) == NULL)
		return target;
	return target + scheme + len;
}

void
uri_add_normal(struct buf *b, const char *target)
{
	const char *p = path_of(target), *end = p + uri_path_len(p), *sign;

	if (p != target && *p != '/')
		buf_addc(b, '/');
	while ((sign = memchr(p, '%', (size_t)(end - p))) != NULL) {
		int c = end - sign > 2 ? escaped(sign) : -1;

		buf_add(b, p, (size_t)(sign - p));
		buf_addc(b, unreserved(c) ? (char)c : '%');
		p = sign + (unreserved(c) ? 3 : 1);
	}
	buf_adds(b, p);
}

/* PLUS is the byte that '+' decodes to. */
static enum uri_rc
decode(const char *p, size_t len, int plus, struct buf *value)
{
	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)p[i];

		if (c == '+')
			c = plus;
		if (c == '%') {
			c = i + 2 < len ? escaped(p + i) : -1;
			i += 2;
		}
		if (c <= 0)
			return URI_BAD;
		buf_addc(value, (char)c);
	}
	return URI_OK;
}

enum uri_rc
uri_segment(const char *segment, size_t len, struct buf *value)
{
	return decode(segment, len, '+', value);
}

enum uri_rc
uri_param(const char *query, const char *name, struct buf *value)
{
	size_t len = strlen(name);
	enum uri_rc rc = URI_NONE;

	buf_clear(value);
	for (const char *p = query; *p != '\0'; p += *p == '&') {
		size_t n = strcspn(p, "&");

		if (n >= len && memcmp(p, name, len) == 0 &&
		    (n == len || p[len] == '=')) {
			if (rc != URI_NONE)
				return URI_BAD;
			rc = n == len ?
			    URI_OK :
			    decode(p + len + 1, n - len - 1, ' ', value);
		}
		p += n;
	}
	/* A client that has no cursor yet writes "cursor=". */
	return rc == URI_OK && value->len == 0 ? URI_NONE : rc;
}
