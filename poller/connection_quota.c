#include "poller/connection_quota.h"

#include <pthread.h>
#include <stdatomic.h>

#include "db/base/must.h"
#include "poller/tally.h"

struct connection_quota {
	/* set before the threads start */
	int64_t most;

	/* under the mutex */
	pthread_mutex_t mutex;
	struct tally *open;

	/* any thread's */
	atomic_uint_fast64_t refused;
};

struct connection_quota *
connection_quota_open(int64_t most)
{
	struct connection_quota *q = must_alloc(sizeof(*q));

	q->most = most;
	q->open = tally_open();
	must(pthread_mutex_init(&q->mutex, NULL) == 0);
	return q;
}

void
connection_quota_close(struct connection_quota *q)
{
	tally_close(q->open);
	must(pthread_mutex_destroy(&q->mutex) == 0);
	free(q);
}

static int
is_counted(const struct connection_quota *q, uint64_t address)
{
	return q->most > 0 && address != 0;
}

int
connection_quota_take(struct connection_quota *q, uint64_t address)
{
	int ok;

	if (!is_counted(q, address))
		return 0;
	must(pthread_mutex_lock(&q->mutex) == 0);
	ok = tally_of(q->open, address) < q->most;
	if (ok)
		tally_add(q->open, address, 1);
	must(pthread_mutex_unlock(&q->mutex) == 0);
	if (!ok)
		atomic_fetch_add(&q->refused, 1);
	return ok ? 0 : -1;
}

void
connection_quota_give(struct connection_quota *q, uint64_t address)
{
	if (!is_counted(q, address))
		return;
	must(pthread_mutex_lock(&q->mutex) == 0);
	tally_add(q->open, address, -1);
	must(pthread_mutex_unlock(&q->mutex) == 0);
}

uint64_t
connection_quota_refused(const struct connection_quota *q)
{
	return atomic_load(&q->refused);
}
