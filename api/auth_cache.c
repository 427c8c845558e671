#include "api/auth_cache.h"

#include <stdatomic.h>
#include <string.h>

#include "db/base/hash.h"
#include "api/http/credentials.h"

enum { PLACES = 4096 };

static atomic_uint_fast64_t faces[PLACES];

static uint64_t
face(const struct caller *who, const char *room)
{
	return hash_bytes(who->text, who->len) * 31 +
	    hash_bytes(room, strlen(room));
}

int
auth_cache_has(const struct caller *who, const char *room)
{
	uint64_t f = face(who, room);

	return atomic_load(&faces[f % PLACES]) == f;
}

void
auth_cache_note(const struct caller *who, const char *room)
{
	uint64_t f = face(who, room);

	atomic_store(&faces[f % PLACES], f);
}

void
auth_cache_forget(const struct caller *who, const char *room)
{
	uint64_t f = face(who, room);

	(void)atomic_compare_exchange_strong(&faces[f % PLACES], &f, 0);
}
