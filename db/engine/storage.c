#include "db/engine/storage.h"

#include <string.h>

#include "db/base/log.h"
#include "db/base/must.h"

static const char *const names[N_STORAGE] = {
	[STORAGE_OK] = "ok",
	[STORAGE_FULL] = "full",
	[STORAGE_BUSY] = "busy",
	[STORAGE_READ_ONLY] = "read_only",
};

/* The operator's remedy, logged when a state begins. */
static const char *const advice[N_STORAGE] = {
	[STORAGE_FULL] = "store is full; free space on the disk, or delete"
			 " rooms, or raise storage_max",
	[STORAGE_BUSY] = "store is locked by another program; end that one",
	[STORAGE_READ_ONLY] = "store cannot be written; see `parlor check`",
};

const char *
storage_name(enum storage state)
{
	must((size_t)state < N_STORAGE);
	return names[state];
}

enum storage
storage_of(enum db_rc rc)
{
	switch (rc) {
	case DB_FULL:
		return STORAGE_FULL;
	case DB_BUSY:
		return STORAGE_BUSY;
	case DB_READ_ONLY:
		return STORAGE_READ_ONLY;
	case DB_OK:
	case DB_NONE:
	case DB_CONFLICT:
	case DB_FAIL:
		break;
	}
	return STORAGE_OK;
}

void
storage_note(
    struct storage_state *s, enum storage now, const char *why, int error)
{
	enum storage before = (enum storage)atomic_exchange(&s->state, now);

	if (now == before)
		return;
	if (before != STORAGE_OK)
		log_info("store can be written again", "was=%s",
		    storage_name(before));
	if (now != STORAGE_OK)
		log_warn(advice[now], "storage=%s why=\"%s\" error=\"%s\"",
		    storage_name(now), why, error != 0 ? strerror(error) : "");
}
