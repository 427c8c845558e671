#include "db/json.h"

#include "db/base/must.h"

static int
add(const char *bytes, size_t len, void *buf)
{
	buf_add(buf, bytes, len);
	return 0;
}

void
json_put(json_t *value, struct buf *b)
{
	must(value != NULL);
	must(json_dump_callback(value, add, b, JSON_COMPACT) == 0);
	json_decref(value);
}

/* What stands for C after a backslash; 0: nothing short does. */
static char
short_escape(char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = memchr(from, c, sizeof(from) - 1);

	return at != NULL ? to[at - from] : (char)0;
}

static int
is_plain(char c)
{
	return (unsigned char)c >= ' ' && c != '"' && c != '\\';
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

void
json_add_text(struct buf *b, const char *text)
{
	buf_addc(b, '"');
	while (*text != '\0') {
		size_t n = 0;

		while (is_plain(text[n]))
			n++;
		buf_add(b, text, n);
		text += n;
		if (*text != '\0')
			add_escape(b, *text++);
	}
	buf_addc(b, '"');
}
