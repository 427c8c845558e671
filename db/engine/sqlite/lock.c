#include "db/engine/sqlite/lock.h"

#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/failpoint.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/engine/sqlite/datadir.h"

int
lock_open(struct lock *lock, const char *dir)
{
	struct buf path = BUF_INIT;
	int error = 0;

	lock->held = 0;
	buf_addf(&path, "%s/parlor.lock", dir);
	lock->fd = datadir_open(dir, buf_str(&path), O_RDWR);
	if (lock->fd < 0)
		error = errno;
	if (lock->fd < 0 && error != ELOOP)
		lock->fd =
		    open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	buf_done(&path);
	errno = error;
	return lock->fd >= 0 ? 0 : -1;
}

void
lock_close(struct lock *lock)
{
	must(!lock->held);
	if (lock->fd >= 0)
		(void)close(lock->fd);
	lock->fd = -1;
}

/* A blocking flock(2) serves waiters in order; polling would not. */
static int
wait_for(int fd, int64_t until)
{
	timer_t timer = clock_interrupt(until - clock_waits());
	int rc, error;

	do
		rc = flock(fd, LOCK_EX);
	while (rc != 0 && errno == EINTR && clock_waits() < until);
	error = errno;
	must(timer_delete(timer) == 0);
	errno = error;
	return rc;
}

enum db_rc
lock_take(struct lock *lock, int64_t until)
{
	int rc;

	must(!lock->held);
	if (lock->fd < 0)
		return DB_READ_ONLY;
	rc = flock(lock->fd, LOCK_EX | LOCK_NB);
	if (rc != 0 && errno == EWOULDBLOCK)
		rc = wait_for(lock->fd, until);
	if (rc == 0) {
		lock->held = 1;
		return DB_OK;
	}
	if (errno == EINTR || errno == EWOULDBLOCK)
		return DB_BUSY;
	log_error(
	    "write lock cannot be taken", "error=\"%s\"", strerror(errno));
	return DB_FAIL;
}

void
lock_give(struct lock *lock)
{
	must(lock->held);
	failpoint("before_unlock");
	lock->held = 0;
	must(flock(lock->fd, LOCK_UN) == 0);
	failpoint("after_unlock");
}
