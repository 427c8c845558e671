#include "db/base/hash.h"

static const uint64_t basis = 0xcbf29ce484222325ULL;
static const uint64_t prime = 0x100000001b3ULL;

uint64_t
hash_bytes(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = basis;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * prime;
	return h;
}
