/*
 * number: strict parsing of whole numbers.
 *
 * Digits with an optional minus sign, and nothing else: no white space, plus
 * sign, unit, fraction or exponent, so that a slip is never taken for another
 * number.
 */
#ifndef DB_BASE_NUMBER_H
#define DB_BASE_NUMBER_H

#include <stdint.h>

enum number_rc {
	NUMBER_OK,
	NUMBER_MALFORMED,
	NUMBER_TOO_SMALL,
	NUMBER_TOO_LARGE
};

/* Sets *TO only when TEXT is a number from MIN to MAX. */
enum number_rc number_read(const char *text, int64_t min, int64_t max,
    int64_t *to) __attribute__((warn_unused_result));

#endif
