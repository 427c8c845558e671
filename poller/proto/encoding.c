#include "poller/proto/encoding.h"

#include <stdint.h>

enum { LARGEST = 0x10ffff, SURROGATE_FIRST = 0xd800, SURROGATE_LAST = 0xdfff };

/* How many bytes follow the first byte; -1: it cannot begin a character. */
static int
following(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first < 0xc2 || first > 0xf4)
		return -1;
	return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

int
encoding_is_utf8(const char *text, size_t len)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		int n = following(*p);
		uint32_t c;

		if (n < 0 || end - p <= n)
			return 0;
		c = n == 0 ? *p : *p & (0x3fu >> n);
		for (int i = 1; i <= n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[i] & 0x3f);
		}
		if (c < least[n] || c > LARGEST ||
		    (c >= SURROGATE_FIRST && c <= SURROGATE_LAST))
			return 0;
		p += n + 1;
	}
	return 1;
}
