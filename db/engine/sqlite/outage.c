#include "db/engine/sqlite/outage.h"

#include <inttypes.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/engine/sqlite/connection.h"

/* The lock file holds a number of fixed width. */
enum { WIDTH = 20 };

static int
put(const struct lock *lock, int64_t since)
{
	char text[WIDTH + 1];

	(void)snprintf(text, sizeof(text), "%019" PRId64 "\n", since);
	return pwrite(lock->fd, text, WIDTH, 0) == WIDTH ? 0 : -1;
}

/* 0: none is recorded */
static int64_t
written(const struct lock *lock)
{
	char text[WIDTH + 1] = "";

	if (pread(lock->fd, text, WIDTH, 0) != WIDTH)
		return 0;
	return strtoll(text, NULL, 10);
}

void
outage_prepare(const struct lock *lock)
{
	char byte;

	if (pread(lock->fd, &byte, 1, 0) == 0)
		(void)put(lock, 0);
}

int
outage_begin(struct outage *o, const struct lock *lock)
{
	if (o->since == 0)
		o->since = clock_lease();
	if (written(lock) != 0)
		return 0;
	return put(lock, o->since) == 0;
}

/* When the outage began, as seen by this process or another. */
static int64_t
began(const struct outage *o, const struct lock *lock)
{
	int64_t since = written(lock);

	if (since == 0 || (o->since != 0 && o->since < since))
		since = o->since;
	return since;
}

int
outage_is_on(const struct outage *o, const struct lock *lock)
{
	return began(o, lock) != 0;
}

enum db_rc
outage_pass(
    struct db *db, const struct outage *o, const struct lock *lock, int *moved)
{
	int64_t since = began(o, lock), passed = clock_lease() - since;

	*moved = since != 0;
	/* An outage of another boot is over, because its leases are gone. */
	if (since == 0 || passed <= 0)
		return DB_OK;
	return db->schema->shift_leases(db, since, since + passed);
}

void
outage_end(struct outage *o, const struct lock *lock)
{
	o->since = 0;
	(void)put(lock, 0);
}
