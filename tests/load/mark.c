#include "tests/load/mark.h"

#include <string.h>

enum { ROOM = 6, PUBLISHER = 4, NUMBER = 8, TIME = 16, BAD = 16 };

static char *
put(char *to, uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value >>= 4)
		to[i] = "0123456789abcdef"[value & 15];
	return to + digits;
}

void
mark_write(char *to, const struct mark *m)
{
	*to++ = '~';
	to = put(to, m->room, ROOM);
	to = put(to, m->publisher, PUBLISHER);
	to = put(to, m->number, NUMBER);
	to = put(to, (uint64_t)m->time, TIME);
	*to = '~';
}

static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : BAD;
}

static int
take(const char **p, int digits, uint64_t *value)
{
	unsigned bad = 0;

	*value = 0;
	for (int i = 0; i < digits; i++) {
		unsigned d = digit(*(*p)++);

		bad |= d & BAD;
		*value = *value << 4 | (d & 15);
	}
	return bad == 0;
}

static int
read_mark(const char *p, struct mark *m)
{
	uint64_t room, publisher, number, time;

	if (!take(&p, ROOM, &room) || !take(&p, PUBLISHER, &publisher) ||
	    !take(&p, NUMBER, &number) || !take(&p, TIME, &time))
		return 0;
	*m = (struct mark){ (uint32_t)room, (uint32_t)publisher,
		(uint32_t)number, (int64_t)time };
	return 1;
}

const char *
mark_find(const char *p, const char *end, struct mark *m)
{
	while ((p = memchr(p, '~', (size_t)(end - p))) != NULL) {
		if (end - p < MARK_LEN)
			return NULL;
		if (p[MARK_LEN - 1] == '~' && read_mark(p + 1, m))
			return p + MARK_LEN;
		p++;
	}
	return NULL;
}
