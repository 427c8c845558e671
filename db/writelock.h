/*
 * writelock: the lock that one writer of all processes holds.
 *
 * A flock on parlor.lock.  It is held over every write transaction and every
 * checkpoint, it is fair, and it is released when its process ends.  The wait
 * for it is bounded, because any program may hold it for as long as it likes.
 *
 * A struct writelock belongs to the thread that writes.
 */
#ifndef DB_WRITELOCK_H
#define DB_WRITELOCK_H

#include <stdint.h>

#include "db/db.h"

struct writelock {
	int fd; /* -1: the file could not be opened */
	int held;
};

/*
 * Opens the file in DIR, and makes it where it can be made.  On a file system
 * that is mounted read-only an existing file is enough.  0, or -1 with errno.
 */
int writelock_open(struct writelock *, const char *dir)
    __attribute__((warn_unused_result));
void writelock_close(struct writelock *);

/* Takes the lock by UNTIL (clock_waits).  DB_BUSY: another process has it. */
enum db_rc writelock_take(struct writelock *, int64_t until) DB_CHECK;
void writelock_give(struct writelock *);

#endif
