#include "poller/departures.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "db/base/must.h"
#include "db/chat/delivery.h"
#include "db/rows/listeners.h"
#include "db/chat/arrivals.h"

enum { LOOK_MS = 100 };

struct departure {
	enum {
		DEPARTURE_SEAT, /* a stream's presence in a room ends */
		DEPARTURE_QUEUE, /* a stream's listener ends */
		DEPARTURE_ANSWER /* a waiting poll was answered */
	} what;
	struct presence_id presence; /* of a seat or an answer */
	struct listener_id listener; /* of a queue */
	int64_t slot; /* of a queue: the stream's, given back with it */
	int64_t upto; /* the last event that was delivered */
};

struct list {
	struct departure *p;
	size_t n, room;
};

struct departures {
	/* set before any job */
	struct store *store;
	struct notes notes;
	int wake;

	/* under the mutex; WRITING is the job's while a job is in flight */
	pthread_mutex_t mutex;
	struct list waiting, writing;
	int in_flight;
};

static enum db_rc
answered(struct db *db, const struct departure *d)
{
	struct delivery_change change;
	enum db_rc rc = delivery_raise(db, d->presence, d->upto, &change);

	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_all(struct db *db, void *arg)
{
	struct departures *all = arg;
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < all->writing.n; i++) {
		const struct departure *d = &all->writing.p[i];

		switch (d->what) {
		case DEPARTURE_SEAT:
			rc = arrivals_end(db, d->presence, d->upto);
			break;
		case DEPARTURE_QUEUE:
			rc = arrivals_end_listener(db, d->listener);
			break;
		case DEPARTURE_ANSWER:
			rc = answered(db, d);
			break;
		}
	}
	return rc;
}

static void
written(struct db_job *job, enum db_rc rc)
{
	struct departures *all = job->arg;
	uint64_t one = 1;

	must(pthread_mutex_lock(&all->mutex) == 0);
	all->in_flight = 0;
	for (size_t i = 0; rc == DB_OK && i < all->writing.n; i++)
		last_delivered_give(
		    all->notes.of_streams, all->writing.p[i].slot);
	if (rc == DB_OK)
		all->writing.n = 0;
	/*
	 * Under the lock: once it is released, a stopping hub may be gone.
	 * After a failure the job is posted at the next look, without waking
	 * the hub: a hub that is woken at once would never rest while the store
	 * cannot be written.
	 */
	if (rc == DB_OK)
		must(write(all->wake, &one, sizeof(one)) == sizeof(one) ||
		    errno == EAGAIN);
	must(pthread_mutex_unlock(&all->mutex) == 0);
	free(job);
}

static void
add(struct list *l, const struct departure *d)
{
	if (l->n == l->room) {
		l->room = l->room > 0 ? l->room * 2 : 64;
		l->p = must_realloc(l->p, l->room * sizeof(*l->p));
	}
	l->p[l->n++] = *d;
}

void
departures_ended(struct departures *all, const struct session *s)
{
	struct departure seat = { .what = DEPARTURE_SEAT,
		.upto = s->socket.progress.delivered };
	struct departure queue = { .what = DEPARTURE_QUEUE,
		.listener = s->listener,
		.slot = s->socket.progress.slot };

	must(pthread_mutex_lock(&all->mutex) == 0);
	for (size_t i = 0; i < s->n; i++) {
		seat.presence.n = s->seats[i].presence;
		if (seat.presence.n != 0)
			add(&all->waiting, &seat);
	}
	add(&all->waiting, &queue);
	must(pthread_mutex_unlock(&all->mutex) == 0);
}

void
departures_left(
    struct departures *all, struct presence_id presence, int64_t delivered)
{
	struct departure seat = {
		.what = DEPARTURE_SEAT, .presence = presence, .upto = delivered
	};

	must(pthread_mutex_lock(&all->mutex) == 0);
	if (presence.n != 0)
		add(&all->waiting, &seat);
	must(pthread_mutex_unlock(&all->mutex) == 0);
}

void
departures_answered(struct departures *all, const struct session *s)
{
	struct departure answer = { .what = DEPARTURE_ANSWER,
		.upto = s->socket.progress.delivered };

	if (answer.upto <= s->began)
		return;
	for (size_t i = 0; i < s->n; i++) {
		answer.presence.n = s->seats[i].presence;
		if (answer.presence.n == 0 ||
		    last_delivered_put_for_row(
			all->notes.of_polls, s->seats[i].slot, answer.upto))
			continue;
		must(pthread_mutex_lock(&all->mutex) == 0);
		add(&all->waiting, &answer);
		must(pthread_mutex_unlock(&all->mutex) == 0);
	}
}

void
departures_post(struct departures *all)
{
	struct db_job *job = NULL;

	must(pthread_mutex_lock(&all->mutex) == 0);
	if (!all->in_flight && all->waiting.n + all->writing.n > 0) {
		for (size_t i = 0; i < all->waiting.n; i++)
			add(&all->writing, &all->waiting.p[i]);
		all->waiting.n = 0;
		all->in_flight = 1;
		job = must_alloc(sizeof(*job));
		*job = (struct db_job){
			.fn = write_all, .arg = all, .done = written
		};
	}
	must(pthread_mutex_unlock(&all->mutex) == 0);
	if (job != NULL && db_post(all->store, job) != DB_OK)
		written(job, DB_BUSY);
}

static int
is_busy(struct departures *all)
{
	int busy;

	must(pthread_mutex_lock(&all->mutex) == 0);
	busy = all->in_flight;
	must(pthread_mutex_unlock(&all->mutex) == 0);
	return busy;
}

static void
wait_until_idle(struct departures *all)
{
	struct pollfd p = { .fd = all->wake, .events = POLLIN };
	uint64_t n;

	while (is_busy(all)) {
		(void)poll(&p, 1, LOOK_MS);
		(void)!read(all->wake, &n, sizeof(n));
	}
}

void
departures_finish(struct departures *all)
{
	wait_until_idle(all);
	departures_post(all);
	wait_until_idle(all);
}

struct departures *
departures_open(struct store *store, const struct notes *notes, int wake)
{
	struct departures *all = must_alloc(sizeof(*all));

	all->store = store;
	all->notes = *notes;
	all->wake = wake;
	must(pthread_mutex_init(&all->mutex, NULL) == 0);
	return all;
}

void
departures_close(struct departures *all)
{
	must(!all->in_flight);
	must(pthread_mutex_destroy(&all->mutex) == 0);
	free(all->waiting.p);
	free(all->writing.p);
	free(all);
}
