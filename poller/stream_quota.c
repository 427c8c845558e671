#include "poller/stream_quota.h"

#include <pthread.h>

#include "db/base/must.h"

enum { BUCKETS = 16384 };

enum kind { PERSON, ADDRESS };

struct count {
	struct count *next;
	uint64_t key;
	enum kind kind;
	int32_t n;
};

struct stream_quota {
	/* set before the threads start */
	struct stream_quota_limits limits;

	/* under the mutex */
	pthread_mutex_t mutex;
	int64_t total;
	struct count *buckets[BUCKETS];
};

struct stream_quota *
stream_quota_open(const struct stream_quota_limits *limits)
{
	struct stream_quota *caps = must_alloc(sizeof(*caps));

	caps->limits = *limits;
	must(pthread_mutex_init(&caps->mutex, NULL) == 0);
	return caps;
}

void
stream_quota_close(struct stream_quota *caps)
{
	must(caps->total == 0);
	must(pthread_mutex_destroy(&caps->mutex) == 0);
	free(caps);
}

static struct count **
find(struct stream_quota *caps, enum kind kind, uint64_t key)
{
	uint64_t h = (key + kind) * 0x9e3779b97f4a7c15ULL;
	struct count **c = &caps->buckets[(h >> 40) % BUCKETS];

	while (*c != NULL && ((*c)->key != key || (*c)->kind != kind))
		c = &(*c)->next;
	return c;
}

static int
has_room(struct stream_quota *caps, enum kind kind, uint64_t key, int64_t limit)
{
	struct count *c = *find(caps, kind, key);

	return limit == 0 || c == NULL || c->n < limit;
}

static void
add(struct stream_quota *caps, enum kind kind, uint64_t key)
{
	struct count **c = find(caps, kind, key);

	if (*c == NULL) {
		*c = must_alloc(sizeof(**c));
		(*c)->key = key;
		(*c)->kind = kind;
	}
	(*c)->n++;
}

static void
subtract(struct stream_quota *caps, enum kind kind, uint64_t key)
{
	struct count **at = find(caps, kind, key), *c = *at;

	must(c != NULL && c->n > 0);
	if (--c->n > 0)
		return;
	*at = c->next;
	free(c);
}

enum stream_quota_rc
stream_quota_take(struct stream_quota *caps, const struct stream_quota_owner *o)
{
	enum stream_quota_rc rc = STREAM_QUOTA_OK;

	must(pthread_mutex_lock(&caps->mutex) == 0);
	if (caps->total >= caps->limits.total)
		rc = STREAM_QUOTA_FULL;
	else if (!has_room(
		     caps, PERSON, (uint64_t)o->person, caps->limits.person) ||
	    (o->address != 0 &&
		!has_room(caps, ADDRESS, o->address, caps->limits.address)))
		rc = STREAM_QUOTA_PERSON;
	else {
		caps->total++;
		add(caps, PERSON, (uint64_t)o->person);
		if (o->address != 0)
			add(caps, ADDRESS, o->address);
	}
	must(pthread_mutex_unlock(&caps->mutex) == 0);
	return rc;
}

void
stream_quota_give(struct stream_quota *caps, const struct stream_quota_owner *o)
{
	must(pthread_mutex_lock(&caps->mutex) == 0);
	caps->total--;
	subtract(caps, PERSON, (uint64_t)o->person);
	if (o->address != 0)
		subtract(caps, ADDRESS, o->address);
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
