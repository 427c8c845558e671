#include "db/engine/sqlite/result.h"

#include <errno.h>
#include <sqlite3.h>

/* The errno is more exact than SQLite's result. */
enum db_rc
result_of_errno(int error, enum db_rc otherwise)
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

/* A read error says nothing about writing. */
static enum db_rc
of_io(int code, int error)
{
	switch (code) {
	case SQLITE_IOERR_SHMSIZE: /* the file could not grow */
		return result_of_errno(error, DB_FULL);
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
		return result_of_errno(error, DB_READ_ONLY);
	default:
		return result_of_errno(error, DB_FAIL);
	}
}

enum db_rc
result_of(int code, int error)
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
		return result_of_errno(error, DB_FAIL);
	case SQLITE_IOERR:
		return of_io(code, error);
	default:
		return DB_FAIL;
	}
}
