#include "db/engine/storage.h"

#include <errno.h>
#include <sqlite3.h>

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/store.h"

static const char *const names[N_STORAGE] = {
	[STORAGE_OK] = "ok",
	[STORAGE_FULL] = "full",
	[STORAGE_BUSY] = "busy",
	[STORAGE_READ_ONLY] = "read_only",
};

/* What the operator should do, once when each begins. */
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

/* What the system said is more exact than what SQLite makes of it. */
enum db_rc
storage_of_errno(int error, enum db_rc otherwise)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return DB_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return DB_READ_ONLY;
	case EMFILE:
	case ENFILE:
	case EAGAIN:
		return DB_BUSY;
	default:
		return otherwise;
	}
}

/* An error in reading says nothing of writing. */
static enum db_rc
of_io(int code, int error)
{
	switch (code) {
	case SQLITE_IOERR_SHMSIZE: /* it was to grow */
		return storage_of_errno(error, DB_FULL);
	case SQLITE_IOERR_WRITE:
	case SQLITE_IOERR_FSYNC:
	case SQLITE_IOERR_DIR_FSYNC:
	case SQLITE_IOERR_TRUNCATE:
	case SQLITE_IOERR_DELETE:
	case SQLITE_IOERR_SHMOPEN:
	case SQLITE_IOERR_SHMLOCK:
	case SQLITE_IOERR_SHMMAP:
	case SQLITE_IOERR_LOCK:
	case SQLITE_IOERR_UNLOCK:
	case SQLITE_IOERR_RDLOCK:
	case SQLITE_IOERR_CHECKRESERVEDLOCK:
		return storage_of_errno(error, DB_READ_ONLY);
	default:
		return storage_of_errno(error, DB_FAIL);
	}
}

enum db_rc
storage_rc(int code, int error)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
	case SQLITE_NOLFS:
		return DB_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return DB_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return DB_READ_ONLY;
	case SQLITE_CANTOPEN:
		return storage_of_errno(error, DB_FAIL);
	case SQLITE_IOERR:
		return of_io(code, error);
	default:
		return DB_FAIL;
	}
}

void
storage_note(struct storage_state *s, enum storage now, int code, int error)
{
	enum storage before = (enum storage)atomic_exchange(&s->state, now);

	if (now == before)
		return;
	if (before != STORAGE_OK)
		log_info("store can be written again", "was=%s",
		    storage_name(before));
	if (now != STORAGE_OK)
		log_warn(advice[now], "storage=%s why=\"%s\" error=\"%s\"",
		    storage_name(now), sqlite3_errstr(code),
		    error != 0 ? strerror(error) : "");
}
