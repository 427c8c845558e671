#include "db/base/number.h"

#include <string.h>

enum number_rc
number_read(const char *text, int64_t min, int64_t max, int64_t *to)
{
	int minus = *text == '-';
	const char *digits = text + minus;
	size_t len = strspn(digits, "0123456789");
	int64_t n = 0;

	if (len == 0 || digits[len] != '\0')
		return NUMBER_MALFORMED;
	for (const char *p = digits; *p != '\0'; p++) {
		int digit = *p - '0';

		/*
		 * Counts downward, because the negative range is larger by a
		 * number.
		 */
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, digit, &n))
			return minus ? NUMBER_TOO_SMALL : NUMBER_TOO_LARGE;
	}
	if (!minus && __builtin_sub_overflow(0, n, &n))
		return NUMBER_TOO_LARGE;
	if (n < min)
		return NUMBER_TOO_SMALL;
	if (n > max)
		return NUMBER_TOO_LARGE;
	*to = n;
	return NUMBER_OK;
}
