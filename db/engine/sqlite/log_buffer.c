#include "db/engine/sqlite/log_buffer.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/base/must.h"

/* SQLite on Unix writes at most 0x1ffff bytes at once, or fails. */
enum { BUFFER_SIZE = 124 * 1024 };

/* SQLite's own file follows it in memory. */
struct log_file {
	sqlite3_file base;
	sqlite3_int64 at; /* where the buffer belongs */
	size_t len;
	unsigned char *buffer; /* NULL: nothing was written yet */
};

static sqlite3_vfs *below; /* SQLite's own VFS */

static sqlite3_file *
file_of(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)((struct log_file *)(void *)file + 1);
}

static int
flush(sqlite3_file *file)
{
	struct log_file *f = (struct log_file *)(void *)file;
	sqlite3_file *to = file_of(file);
	size_t len = f->len;

	/* Frames that could not be written belong to no commit. */
	f->len = 0;
	return len == 0 ? SQLITE_OK :
			  to->pMethods->xWrite(to, f->buffer, (int)len, f->at);
}

static int
write_log(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct log_file *f = (struct log_file *)(void *)file;
	size_t len = (size_t)n;
	int rc = SQLITE_OK;

	must(len <= BUFFER_SIZE);
	if (f->buffer == NULL)
		f->buffer = must_alloc(BUFFER_SIZE);
	if (at != f->at + (sqlite3_int64)f->len || f->len + len > BUFFER_SIZE)
		rc = flush(file);
	if (rc != SQLITE_OK)
		return rc;
	if (f->len == 0)
		f->at = at;
	memcpy(f->buffer + f->len, p, len);
	f->len += len;
	return SQLITE_OK;
}

static int
close_log(sqlite3_file *file)
{
	sqlite3_file *to = file_of(file);
	int rc = flush(file), closed = to->pMethods->xClose(to);

	free(((struct log_file *)(void *)file)->buffer);
	return rc == SQLITE_OK ? closed : rc;
}

/* Each of these flushes and then calls the method of SQLite's own file. */
#define AFTER_FLUSH(name, method, params, args)                          \
	static int name params                                           \
	{                                                                \
		sqlite3_file *to = file_of(file);                        \
		int rc = flush(file);                                    \
                                                                         \
		return rc == SQLITE_OK ? to->pMethods->method args : rc; \
	}
AFTER_FLUSH(read_log, xRead,
    (sqlite3_file * file, void *p, int n, sqlite3_int64 at), (to, p, n, at))
AFTER_FLUSH(truncate_log, xTruncate, (sqlite3_file * file, sqlite3_int64 size),
    (to, size))
AFTER_FLUSH(sync_log, xSync, (sqlite3_file * file, int flags), (to, flags))
AFTER_FLUSH(
    size_log, xFileSize, (sqlite3_file * file, sqlite3_int64 *size), (to, size))
AFTER_FLUSH(lock_log, xLock, (sqlite3_file * file, int lock), (to, lock))
AFTER_FLUSH(unlock_log, xUnlock, (sqlite3_file * file, int lock), (to, lock))
AFTER_FLUSH(
    is_log_locked, xCheckReservedLock, (sqlite3_file * file, int *is), (to, is))
AFTER_FLUSH(control_log, xFileControl, (sqlite3_file * file, int op, void *arg),
    (to, op, arg))
#undef AFTER_FLUSH

static int
log_sector_size(sqlite3_file *file)
{
	return file_of(file)->pMethods->xSectorSize(file_of(file));
}

static int
log_characteristics(sqlite3_file *file)
{
	return file_of(file)->pMethods->xDeviceCharacteristics(file_of(file));
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = close_log,
	.xRead = read_log,
	.xWrite = write_log,
	.xTruncate = truncate_log,
	.xSync = sync_log,
	.xFileSize = size_log,
	.xLock = lock_log,
	.xUnlock = unlock_log,
	.xCheckReservedLock = is_log_locked,
	.xFileControl = control_log,
	.xSectorSize = log_sector_size,
	.xDeviceCharacteristics = log_characteristics,
};

/* All other files are SQLite's own. */
static int
open_file(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
	struct log_file *f = (struct log_file *)(void *)file;
	int rc;

	(void)vfs;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return below->xOpen(below, name, file, flags, got);
	memset(f, 0, sizeof(*f));
	rc = below->xOpen(below, name, file_of(file), flags, got);
	if (rc == SQLITE_OK)
		f->base.pMethods = &methods;
	return rc;
}

static sqlite3_vfs ours;
static int is_registered;

static void
add(void)
{
	below = sqlite3_vfs_find(NULL);
	must(below != NULL);
	ours = *below;
	ours.zName = "parlor";
	ours.pNext = NULL;
	ours.szOsFile = (int)sizeof(struct log_file) + below->szOsFile;
	ours.xOpen = open_file;
	is_registered = sqlite3_vfs_register(&ours, 0) == SQLITE_OK;
}

const char *
log_buffer_vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	must(pthread_once(&once, add) == 0);
	return is_registered ? ours.zName : NULL;
}
