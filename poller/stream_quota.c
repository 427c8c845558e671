#include "poller/stream_quota.h"

#include <pthread.h>
#include <stdatomic.h>

#include "db/base/must.h"
#include "poller/tally.h"

struct stream_quota {
	/* set before the threads start */
	struct stream_quota_limits limits;

	/* under the mutex */
	pthread_mutex_t mutex;
	int64_t total;
	struct tally *of_person, *of_address;

	/* any thread's */
	atomic_uint_fast64_t refused;
};

struct stream_quota *
stream_quota_open(const struct stream_quota_limits *limits)
{
	struct stream_quota *q = must_alloc(sizeof(*q));

	q->limits = *limits;
	q->of_person = tally_open();
	q->of_address = tally_open();
	must(pthread_mutex_init(&q->mutex, NULL) == 0);
	return q;
}

void
stream_quota_close(struct stream_quota *q)
{
	must(q->total == 0);
	tally_close(q->of_person);
	tally_close(q->of_address);
	must(pthread_mutex_destroy(&q->mutex) == 0);
	free(q);
}

static int
has_room(struct tally *t, uint64_t key, int64_t limit)
{
	return limit == 0 || tally_of(t, key) < limit;
}

static void
add(struct stream_quota *q, const struct stream_quota_owner *o, int n)
{
	q->total += n;
	tally_add(q->of_person, (uint64_t)o->person, n);
	if (o->address != 0)
		tally_add(q->of_address, o->address, n);
}

enum stream_quota_rc
stream_quota_take(struct stream_quota *q, const struct stream_quota_owner *o)
{
	enum stream_quota_rc rc = STREAM_QUOTA_OK;

	must(pthread_mutex_lock(&q->mutex) == 0);
	if (q->total >= q->limits.total)
		rc = STREAM_QUOTA_FULL;
	else if (!has_room(
		     q->of_person, (uint64_t)o->person, q->limits.person) ||
	    (o->address != 0 &&
		!has_room(q->of_address, o->address, q->limits.address)))
		rc = STREAM_QUOTA_PERSON;
	else
		add(q, o, 1);
	must(pthread_mutex_unlock(&q->mutex) == 0);
	if (rc != STREAM_QUOTA_OK)
		atomic_fetch_add(&q->refused, 1);
	return rc;
}

void
stream_quota_give(struct stream_quota *q, const struct stream_quota_owner *o)
{
	must(pthread_mutex_lock(&q->mutex) == 0);
	add(q, o, -1);
	must(pthread_mutex_unlock(&q->mutex) == 0);
}

int64_t
stream_quota_total(struct stream_quota *q)
{
	int64_t total;

	must(pthread_mutex_lock(&q->mutex) == 0);
	total = q->total;
	must(pthread_mutex_unlock(&q->mutex) == 0);
	return total;
}

uint64_t
stream_quota_refused(const struct stream_quota *q)
{
	return atomic_load(&q->refused);
}
