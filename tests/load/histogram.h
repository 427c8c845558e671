/*
 * histogram: counts of values by size, to a hundredth of the value, in a fixed
 * amount of memory.  Values are whole and not negative: nanoseconds.
 */
#ifndef TESTS_LOAD_HISTOGRAM_H
#define TESTS_LOAD_HISTOGRAM_H

#include <stdint.h>

enum {
	HISTOGRAM_FINE_BITS = 7, /* 128 steps from a power of 2 to the next */
	HISTOGRAM_OCTAVES = 64 - HISTOGRAM_FINE_BITS,
	HISTOGRAM_PLACES = (HISTOGRAM_OCTAVES + 1) << HISTOGRAM_FINE_BITS
};

struct histogram {
	uint64_t n;
	int64_t max;
	uint64_t places[HISTOGRAM_PLACES];
};

void histogram_clear(struct histogram *h);

/* A negative value, from clocks that differ, counts as 0. */
void histogram_add(struct histogram *h, int64_t value);

/*
 * The value that the share PART (0 to 1) of all values does not exceed, at
 * most a hundredth too high and never above the greatest; 0 if there are none.
 */
int64_t histogram_at(const struct histogram *h, double part);

#endif
