#include "api/doors/request_timeout.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/base/must.h"

enum {
	WRITING_MS = 60000, /* a slow reader, if the front does not buffer */
	LOOK_MIN_MS = 20,
	LOOK_MAX_MS = 1000,
	LOOKS = 8 /* checks within the time that a request may take to arrive */
};

struct seat {
	pthread_mutex_t mutex;
	int fd; /* -1: nobody */
	int64_t cut; /* when to shut down, lease ms */
	int how;
};

struct request_timeout {
	/* set before the threads start */
	int64_t reading_ms, hang_ms, look_ms;
	struct pulse *pulse;

	/* each under its mutex */
	struct seat seats[PULSE_SEATS];
};

struct request_timeout *
request_timeout_open(const struct settings *settings, struct pulse *pulse)
{
	struct request_timeout *t = must_alloc(sizeof(*t));

	t->reading_ms = settings->request_deadline_ms;
	t->hang_ms = settings->hang_ms;
	t->look_ms = t->reading_ms / LOOKS;
	if (t->look_ms < LOOK_MIN_MS)
		t->look_ms = LOOK_MIN_MS;
	if (t->look_ms > LOOK_MAX_MS)
		t->look_ms = LOOK_MAX_MS;
	t->pulse = pulse;
	for (int i = 0; i < PULSE_SEATS; i++) {
		must(pthread_mutex_init(&t->seats[i].mutex, NULL) == 0);
		t->seats[i].fd = -1;
	}
	return t;
}

void
request_timeout_close(struct request_timeout *t)
{
	for (int i = 0; i < PULSE_SEATS; i++) {
		must(t->seats[i].fd == -1);
		must(pthread_mutex_destroy(&t->seats[i].mutex) == 0);
	}
	free(t);
}

int
request_timeout_look_ms(const struct request_timeout *t)
{
	return (int)t->look_ms;
}

void
request_timeout_cut(struct request_timeout *t)
{
	int64_t now = clock_lease();

	for (int i = 0; i < PULSE_SEATS; i++) {
		struct seat *s = &t->seats[i];

		must(pthread_mutex_lock(&s->mutex) == 0);
		if (s->fd >= 0 && s->cut <= now) {
			(void)shutdown(s->fd, s->how);
			s->cut = INT64_MAX;
		}
		must(pthread_mutex_unlock(&s->mutex) == 0);
	}
}

/* Begins a stage on seat N: HOW its connection is cut off, and when. */
static void
enter(struct request_timeout *t, int n, int how, int64_t cut)
{
	struct seat *s = &t->seats[n];

	must(pthread_mutex_lock(&s->mutex) == 0);
	s->how = how;
	s->cut = cut;
	must(pthread_mutex_unlock(&s->mutex) == 0);
}

/* Before that time the peer may be slow; after it, we are. */
static int64_t
bounded(struct request_timeout *t, int n, int64_t ms)
{
	int64_t cut = clock_lease() + ms;

	atomic_store(&t->pulse->due[n], cut + t->look_ms + t->hang_ms);
	return cut;
}

void
request_timeout_reading(struct request_timeout *t, int n, int fd)
{
	struct seat *s = &t->seats[n];

	must(pthread_mutex_lock(&s->mutex) == 0);
	s->fd = fd;
	s->cut = INT64_MAX;
	must(pthread_mutex_unlock(&s->mutex) == 0);
	enter(t, n, SHUT_RD, bounded(t, n, t->reading_ms));
}

void
request_timeout_handling(struct request_timeout *t, int n)
{
	enter(t, n, SHUT_RD, INT64_MAX);
	atomic_store(&t->pulse->due[n], clock_lease() + t->hang_ms);
}

void
request_timeout_writing(struct request_timeout *t, int n)
{
	enter(t, n, SHUT_RDWR, bounded(t, n, WRITING_MS));
}

void
request_timeout_done(struct request_timeout *t, int n)
{
	struct seat *s = &t->seats[n];

	must(pthread_mutex_lock(&s->mutex) == 0);
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	must(pthread_mutex_unlock(&s->mutex) == 0);
	atomic_store(&t->pulse->due[n], 0);
}
