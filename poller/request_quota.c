#include "poller/request_quota.h"

#include <pthread.h>

#include "db/base/clock.h"
#include "db/base/must.h"
#include "poller/tally.h"

enum { PLACES = 16384, NEAR = 8 };

/*
 * The requests of an address as a token bucket, which is one time: when all of
 * its requests will be available again.
 */
struct bucket {
	uint64_t address;
	double full; /* lease ms */
};

struct request_quota {
	/* set before the threads start */
	const struct settings *settings;

	/* under the mutex */
	pthread_mutex_t mutex;
	struct tally *waiting; /* bytes, by address */
	struct request_quota_counts counts;
	struct bucket buckets[PLACES];
};

struct request_quota *
request_quota_open(const struct settings *settings)
{
	struct request_quota *q = must_alloc(sizeof(*q));

	q->settings = settings;
	q->waiting = tally_open();
	must(pthread_mutex_init(&q->mutex, NULL) == 0);
	return q;
}

void
request_quota_close(struct request_quota *q)
{
	must(q->counts.bytes == 0);
	tally_close(q->waiting);
	must(pthread_mutex_destroy(&q->mutex) == 0);
	free(q);
}

/*
 * The bucket of an address.  If its places are taken, the one that is full
 * first is given up: it limits its address the least.
 */
static struct bucket *
bucket_of(struct request_quota *q, uint64_t address)
{
	uint64_t h = (address * 0x9e3779b97f4a7c15ULL) >> 40;
	struct bucket *best = &q->buckets[h % PLACES];

	for (uint64_t i = 0; i < NEAR; i++) {
		struct bucket *b = &q->buckets[(h + i) % PLACES];

		if (b->address == address)
			return b;
		if (b->full < best->full)
			best = b;
	}
	*best = (struct bucket){ .address = address };
	return best;
}

static int
is_too_often(struct request_quota *q, uint64_t address)
{
	const struct settings *s = q->settings;
	double now = (double)clock_lease(), step;
	struct bucket *b;

	if (s->requests_per_address == 0 || address == 0)
		return 0;
	step = (double)s->rate_ms / (double)s->requests_per_address;
	b = bucket_of(q, address);
	if (b->full < now)
		b->full = now;
	if (b->full + step > now + (double)s->rate_ms)
		return 1;
	b->full += step;
	return 0;
}

static int
is_over(int64_t limit, int64_t n)
{
	return limit > 0 && n >= limit;
}

enum problem
request_quota_take(struct request_quota *q, uint64_t address)
{
	const struct settings *s = q->settings;
	enum problem problem = PROBLEM_NONE;

	must(pthread_mutex_lock(&q->mutex) == 0);
	if (is_over(s->answers_bytes, (int64_t)q->counts.bytes)) {
		problem = PROBLEM_BUSY;
		q->counts.too_much++;
	} else if (address != 0 &&
	    is_over(
		s->answers_bytes_per_address, tally_of(q->waiting, address))) {
		problem = PROBLEM_RATE_LIMITED;
		q->counts.too_much++;
	} else if (is_too_often(q, address)) {
		problem = PROBLEM_RATE_LIMITED;
		q->counts.too_often++;
	}
	must(pthread_mutex_unlock(&q->mutex) == 0);
	return problem;
}

/* Gives 1 when too many bytes wait now. */
static int
add(struct request_quota *q, uint64_t address, int64_t n)
{
	const struct settings *s = q->settings;
	int full;

	must(pthread_mutex_lock(&q->mutex) == 0);
	q->counts.bytes += (uint64_t)n;
	tally_add(q->waiting, address, n);
	full = is_over(s->answers_bytes, (int64_t)q->counts.bytes) ||
	    (address != 0 &&
		is_over(s->answers_bytes_per_address,
		    tally_of(q->waiting, address)));
	must(pthread_mutex_unlock(&q->mutex) == 0);
	return full;
}

void
request_quota_begin(struct request_quota *q, uint64_t address, size_t len)
{
	(void)add(q, address, (int64_t)len);
}

void
request_quota_end(struct request_quota *q, uint64_t address, size_t len)
{
	(void)add(q, address, -(int64_t)len);
}

int
request_quota_change(
    struct request_quota *q, uint64_t address, size_t was, size_t is)
{
	if (is == was)
		return 0;
	return add(q, address, (int64_t)is - (int64_t)was) && is > was ? -1 : 0;
}

void
request_quota_count(
    struct request_quota *q, struct request_quota_counts *counts)
{
	must(pthread_mutex_lock(&q->mutex) == 0);
	*counts = q->counts;
	must(pthread_mutex_unlock(&q->mutex) == 0);
}
