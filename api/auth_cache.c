#include "api/auth_cache.h"

#include <stdatomic.h>
#include <string.h>

#include "db/base/hash.h"
#include "api/http/credentials.h"

enum { N_ENTRIES = 4096 };

static atomic_uint_fast64_t entries[N_ENTRIES];

static uint64_t
entry(const struct caller *who, const char *room)
{
	return hash_bytes(who->text, who->len) * 31 +
	    hash_bytes(room, strlen(room));
}

int
auth_cache_has(const struct caller *who, const char *room)
{
	uint64_t f = entry(who, room);

	return atomic_load(&entries[f % N_ENTRIES]) == f;
}

void
auth_cache_note(const struct caller *who, const char *room)
{
	uint64_t f = entry(who, room);

	atomic_store(&entries[f % N_ENTRIES], f);
}

void
auth_cache_forget(const struct caller *who, const char *room)
{
	uint64_t f = entry(who, room);

	(void)atomic_compare_exchange_strong(&entries[f % N_ENTRIES], &f, 0);
}
