#include "db/rows/json.h"

#include "db/base/must.h"

enum { LINE_BREAK_MAX = 3 }; /* bytes */

/* Bytes of a line break beyond ASCII that begins at P; 0: there is none. */
static size_t
line_break(const char *p, size_t len, const char **escape)
{
	static const struct {
		const char *sign, *escape;
	} breaks[] = {
		{ "\xc2\x85", "\\u0085" },
		{ "\xe2\x80\xa8", "\\u2028" },
		{ "\xe2\x80\xa9", "\\u2029" },
	};

	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		size_t n = strlen(breaks[i].sign);

		if (len >= n && memcmp(p, breaks[i].sign, n) == 0) {
			*escape = breaks[i].escape;
			return n;
		}
	}
	return 0;
}

void
json_add(struct buf *b, const char *json, size_t len)
{
	const char *from = json, *p = json, *end = json + len, *escape;

	while (p < end) {
		size_t n = (*p & 0x80) != 0 ?
		    line_break(p, (size_t)(end - p), &escape) :
		    0;

		if (n > 0) {
			buf_add(b, from, (size_t)(p - from));
			buf_adds(b, escape);
			from = p + n;
		}
		p += n > 0 ? n : 1;
	}
	buf_add(b, from, (size_t)(end - from));
}

void
json_put(json_t *value, struct buf *b)
{
	char *text;

	must(value != NULL);
	text = json_dumps(value, JSON_COMPACT);
	must(text != NULL);
	json_add(b, text, strlen(text));
	free(text);
	json_decref(value);
}

/* The letter that stands for C after a backslash; 0: there is none. */
static char
short_escape(char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = memchr(from, c, sizeof(from) - 1);

	return at != NULL ? to[at - from] : (char)0;
}

/* Whether C ends a run of bytes that are copied as they are. */
static int
ends_run(char c)
{
	static const unsigned char ends[256] = {
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* controls */
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1,
		['\\'] = 1, [0xc2] = 1, [0xe2] = 1, /* of line breaks */
	};

	return ends[(unsigned char)c];
}

static void
add_escape(struct buf *b, char c)
{
	char name = short_escape(c);

	buf_addc(b, '\\');
	if (name != 0)
		buf_addc(b, name);
	else
		buf_addf(b, "u%04X", (unsigned)c);
}

/* Adds the sign that ended a run; returns its bytes. */
static size_t
add_sign(struct buf *b, const char *sign)
{
	const char *escape;
	size_t n = line_break(sign, strnlen(sign, LINE_BREAK_MAX), &escape);

	if (n > 0) {
		buf_adds(b, escape);
		return n;
	}
	if ((*sign & 0x80) != 0)
		buf_addc(b, *sign);
	else
		add_escape(b, *sign);
	return 1;
}

void
json_add_text(struct buf *b, const char *text)
{
	size_t n;

	buf_addc(b, '"');
	for (;;) {
		for (n = 0; !ends_run(text[n]); n++)
			continue;
		buf_add(b, text, n);
		text += n;
		if (*text == '\0')
			break;
		text += add_sign(b, text);
	}
	buf_addc(b, '"');
}
