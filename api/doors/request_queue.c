#include "api/doors/request_queue.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db/base/must.h"

struct request_queue {
	/* set before the threads start */
	int threads, wakes;

	/* under the lock */
	pthread_mutex_t mutex;
	pthread_cond_t more;
	struct transfer_list given, answered;
	int busy; /* given and not released */
	int handled; /* of these, taken */
	int turning; /* a thread is in TURN */
	int full; /* the giver waits until a thread is free */
	int stopping, ended;
};

struct request_queue *
request_queue_open(int threads)
{
	struct request_queue *q = must_alloc(sizeof(*q));

	*q = (struct request_queue){ .threads = threads };
	TAILQ_INIT(&q->given);
	TAILQ_INIT(&q->answered);
	must(pthread_mutex_init(&q->mutex, NULL) == 0);
	must(pthread_cond_init(&q->more, NULL) == 0);
	q->wakes = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(q->wakes >= 0);
	return q;
}

void
request_queue_close(struct request_queue *q)
{
	must(TAILQ_EMPTY(&q->given) && TAILQ_EMPTY(&q->answered));
	must(pthread_cond_destroy(&q->more) == 0);
	must(pthread_mutex_destroy(&q->mutex) == 0);
	(void)close(q->wakes);
	free(q);
}

int
request_queue_wakes(const struct request_queue *q)
{
	return q->wakes;
}

static void
lock(struct request_queue *q)
{
	must(pthread_mutex_lock(&q->mutex) == 0);
}

static void
unlock(struct request_queue *q)
{
	must(pthread_mutex_unlock(&q->mutex) == 0);
}

void
request_queue_give(struct request_queue *q, struct transfer *t)
{
	lock(q);
	TAILQ_INSERT_TAIL(&q->given, t, entry);
	q->busy++;
	unlock(q);
}

int
request_queue_has_room(struct request_queue *q)
{
	int room;

	lock(q);
	q->full = q->busy >= q->threads;
	room = !q->full && !q->stopping;
	unlock(q);
	return room;
}

void
request_queue_collect(struct request_queue *q, struct transfer_list *to)
{
	lock(q);
	TAILQ_CONCAT(to, &q->answered, entry);
	unlock(q);
}

static int
has_work(const struct request_queue *q)
{
	return !TAILQ_EMPTY(&q->given) && q->handled < q->threads;
}

/* Becomes the thread that gives, or waits until it is needed. */
static void
turn_or_wait(struct request_queue *q, request_queue_fn *turn, void *arg)
{
	if (q->turning) {
		must(pthread_cond_wait(&q->more, &q->mutex) == 0);
		return;
	}
	q->turning = 1;
	unlock(q);
	turn(arg);
	lock(q);
	q->turning = 0;
}

struct transfer *
request_queue_take(struct request_queue *q, request_queue_fn *turn, void *arg)
{
	struct transfer *t = NULL;

	lock(q);
	while (!has_work(q) && !q->ended)
		turn_or_wait(q, turn, arg);
	if (has_work(q)) {
		t = TAILQ_FIRST(&q->given);
		TAILQ_REMOVE(&q->given, t, entry);
		q->handled++;
	}
	/* Another thread goes on in this one's place. */
	if (!q->turning || has_work(q))
		must(pthread_cond_signal(&q->more) == 0);
	unlock(q);
	return t;
}

void
request_queue_release(struct request_queue *q, struct transfer *rest)
{
	int wakes;

	lock(q);
	q->busy--;
	q->handled--;
	if (rest != NULL)
		TAILQ_INSERT_TAIL(&q->answered, rest, entry);
	wakes = rest != NULL || q->full || q->stopping;
	q->full = 0;
	unlock(q);
	if (wakes)
		must(eventfd_write(q->wakes, 1) == 0);
}

int
request_queue_busy(struct request_queue *q)
{
	int busy;

	lock(q);
	busy = q->busy;
	unlock(q);
	return busy;
}

void
request_queue_stop(struct request_queue *q)
{
	lock(q);
	q->stopping = 1;
	unlock(q);
	must(eventfd_write(q->wakes, 1) == 0);
}

int
request_queue_end(struct request_queue *q)
{
	int ended;

	lock(q);
	ended = q->stopping && q->busy == 0 && TAILQ_EMPTY(&q->answered);
	q->ended = ended;
	if (ended)
		must(pthread_cond_broadcast(&q->more) == 0);
	unlock(q);
	return ended;
}
