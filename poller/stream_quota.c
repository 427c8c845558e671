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
	struct stream_quota *caps = must_alloc(sizeof(*caps));

	caps->limits = *limits;
	caps->of_person = tally_open();
	caps->of_address = tally_open();
	must(pthread_mutex_init(&caps->mutex, NULL) == 0);
	return caps;
}

void
stream_quota_close(struct stream_quota *caps)
{
	must(caps->total == 0);
	tally_close(caps->of_person);
	tally_close(caps->of_address);
	must(pthread_mutex_destroy(&caps->mutex) == 0);
	free(caps);
}

static int
has_room(struct tally *t, uint64_t key, int64_t limit)
{
	return limit == 0 || tally_of(t, key) < limit;
}

static void
add(struct stream_quota *caps, const struct stream_quota_owner *o, int n)
{
	caps->total += n;
	tally_add(caps->of_person, (uint64_t)o->person, n);
	if (o->address != 0)
		tally_add(caps->of_address, o->address, n);
}

enum stream_quota_rc
stream_quota_take(struct stream_quota *caps, const struct stream_quota_owner *o)
{
	enum stream_quota_rc rc = STREAM_QUOTA_OK;

	must(pthread_mutex_lock(&caps->mutex) == 0);
	if (caps->total >= caps->limits.total)
		rc = STREAM_QUOTA_FULL;
	else if (!has_room(caps->of_person, (uint64_t)o->person,
		     caps->limits.person) ||
	    (o->address != 0 &&
		!has_room(caps->of_address, o->address, caps->limits.address)))
		rc = STREAM_QUOTA_PERSON;
	else
		add(caps, o, 1);
	must(pthread_mutex_unlock(&caps->mutex) == 0);
	if (rc != STREAM_QUOTA_OK)
		atomic_fetch_add(&caps->refused, 1);
	return rc;
}

void
stream_quota_give(struct stream_quota *caps, const struct stream_quota_owner *o)
{
	must(pthread_mutex_lock(&caps->mutex) == 0);
	add(caps, o, -1);
	must(pthread_mutex_unlock(&caps->mutex) == 0);
}

int64_t
stream_quota_total(struct stream_quota *caps)
{
	int64_t total;

	must(pthread_mutex_lock(&caps->mutex) == 0);
	total = caps->total;
	must(pthread_mutex_unlock(&caps->mutex) == 0);
	return total;
}

uint64_t
stream_quota_refused(const struct stream_quota *caps)
{
	return atomic_load(&caps->refused);
}
