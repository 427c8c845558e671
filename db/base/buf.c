#include "db/base/buf.h"

#include <inttypes.h>
#include <stdarg.h>

#include "db/base/must.h"

enum { SMALLEST = 64 };

void
buf_done(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
}

void
buf_cut(struct buf *b, size_t len)
{
	must(len <= b->len);
	b->len = len;
	if (b->p != NULL)
		b->p[len] = '\0';
}

void
buf_fit(struct buf *b)
{
	if (b->p == NULL)
		return;
	b->room = b->len + 1;
	b->p = must_realloc(b->p, b->room);
}

char *
buf_space(struct buf *b, size_t len)
{
	size_t want;

	must(len < SIZE_MAX / 2 - b->len - 1);
	want = b->len + len + 1;
	if (want > b->room) {
		size_t room = b->room < SMALLEST ? SMALLEST : b->room;

		while (room < want)
			room *= 2;
		b->p = must_realloc(b->p, room);
		b->room = room;
	}
	return b->p + b->len;
}

void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	char *to = buf_space(b, len);

	if (len > 0)
		memcpy(to, bytes, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_addc(struct buf *b, char c)
{
	char *to = buf_space(b, 1);

	to[0] = c;
	to[1] = '\0';
	b->len++;
}

void
buf_addi(struct buf *b, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);

	buf_add(b, digits, (size_t)len);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	must(len >= 0);
	(void)vsnprintf(buf_space(b, (size_t)len), (size_t)len + 1, fmt, again);
	va_end(again);
	b->len += (size_t)len;
}

const char *
buf_str(const struct buf *b)
{
	return b->p != NULL ? b->p : "";
}
