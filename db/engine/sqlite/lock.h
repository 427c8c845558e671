/*
 * lock: the write lock, which one process at a time holds.
 *
 * It is a flock on parlor.lock, held during every write transaction and every
 * checkpoint: Debian 12's SQLite can lose commits otherwise.  It is fair, and
 * the kernel releases it when its process ends.  Waiting for it is bounded,
 * because any program may hold it for as long as it likes.
 *
 * A struct lock belongs to the thread that writes.
 */
#ifndef DB_ENGINE_SQLITE_LOCK_H
#define DB_ENGINE_SQLITE_LOCK_H

#include <stdint.h>

#include "db/engine/db.h"

struct lock {
	int fd; /* -1: the file could not be opened */
	int held;
};

/*
 * Opens the file in DIR, and creates it if that is possible.  On a file system
 * that is mounted read-only an existing file is enough.  0, or -1 with errno.
 */
int lock_open(struct lock *, const char *dir)
    __attribute__((warn_unused_result));
void lock_close(struct lock *);

/* Takes the lock by UNTIL (clock_waits).  DB_BUSY: another process has it. */
enum db_rc lock_take(struct lock *, int64_t until) DB_CHECK;
void lock_give(struct lock *);

#endif
