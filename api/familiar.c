#include "api/familiar.h"

#include <stdatomic.h>
#include <string.h>

#include "db/base/hash.h"

enum { PLACES = 4096 };

static atomic_uint_fast64_t faces[PLACES];

static uint64_t
face(const char *token, const char *room)
{
	return hash_bytes(token, strlen(token)) * 31 +
	    hash_bytes(room, strlen(room));
}

int
familiar(const char *token, const char *room)
{
	uint64_t f = face(token, room);

	return atomic_load(&faces[f % PLACES]) == f;
}

void
familiar_note(const char *token, const char *room)
{
	uint64_t f = face(token, room);

	atomic_store(&faces[f % PLACES], f);
}

void
familiar_forget(const char *token, const char *room)
{
	uint64_t f = face(token, room);

	(void)atomic_compare_exchange_strong(&faces[f % PLACES], &f, 0);
}
