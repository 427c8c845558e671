#include "tests/load/histogram.h"

#include <math.h>
#include <string.h>

enum { FINE = 1 << HISTOGRAM_FINE_BITS };

/* Values below FINE have a place each; above, each octave has FINE places. */
static size_t
place(uint64_t value)
{
	int shift;

	if (value < FINE)
		return (size_t)value;
	shift = 63 - __builtin_clzll(value) - HISTOGRAM_FINE_BITS;
	return (size_t)(shift + 1) * FINE + (size_t)(value >> shift) - FINE;
}

/* The greatest value of a place. */
static int64_t
greatest(size_t at)
{
	size_t shift = at / FINE;

	if (shift == 0)
		return (int64_t)at;
	return (int64_t)(((uint64_t)(at % FINE + FINE + 1) << (shift - 1)) - 1);
}

void
histogram_clear(struct histogram *h)
{
	memset(h, 0, sizeof(*h));
}

void
histogram_add(struct histogram *h, int64_t value)
{
	if (value < 0)
		value = 0;
	if (value > h->max)
		h->max = value;
	h->places[place((uint64_t)value)]++;
	h->n++;
}

int64_t
histogram_at(const struct histogram *h, double part)
{
	uint64_t rank = (uint64_t)ceil(part * (double)h->n), passed = 0;

	for (size_t i = 0; i < HISTOGRAM_PLACES && h->n > 0; i++) {
		passed += h->places[i];
		if (passed >= rank && passed > 0)
			return greatest(i) < h->max ? greatest(i) : h->max;
	}
	return h->max;
}
