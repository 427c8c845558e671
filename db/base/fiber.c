#include "db/base/fiber.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "db/base/must.h"
#include "db/base/stack.h"

/* Kept by a thread for later, with their stacks. */
enum { SPARE_MAX = 64 };

struct fiber {
	void (*fn)(void *);
	void (*ready)(void *);
	void *arg;
	struct lane *lane;
	struct stack stack;
	int ended;
	int broken_off;
	/* of the current wait */
	int begun;
	struct fiber_wait *wait;
	void (*start)(void *);
	void *start_arg;
	/* in the lane's list of spare or ready ones */
	STAILQ_ENTRY(fiber) next;
};
STAILQ_HEAD(fibers, fiber);

/* The fibers of a thread. */
struct lane {
	/* the thread's own */
	struct fiber *running;
	struct stack stack;
	struct fibers spare;
	int n_spare;

	/* under the mutex */
	pthread_mutex_t mutex;
	struct fibers ready; /* their waits are over */
	int owed; /* a thread will tell this lane, and has it in its list */

	/* of the thread that owes */
	STAILQ_ENTRY(lane) next_owed;

	/* under the mutex of all lanes */
	SLIST_ENTRY(lane) next_unused;
};
STAILQ_HEAD(lanes, lane);

/*
 * The lanes of threads that have ended are used again and never freed, because
 * a thread that owes may still look at one.
 */
static pthread_mutex_t all = PTHREAD_MUTEX_INITIALIZER;
static SLIST_HEAD(unused_lanes, lane) unused = SLIST_HEAD_INITIALIZER(unused);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key; /* each thread's lane */

static _Thread_local struct lanes owing;

static void
destroy(struct fiber *f)
{
	stack_close(&f->stack);
	free(f);
}

/* The thread ends; it has no fibers but spare ones. */
static void
close_lane(void *arg)
{
	struct lane *lane = arg;
	struct fiber *f;

	must(lane->running == NULL);
	while ((f = STAILQ_FIRST(&lane->spare)) != NULL) {
		STAILQ_REMOVE_HEAD(&lane->spare, next);
		destroy(f);
	}
	lane->n_spare = 0;
	must(pthread_mutex_lock(&all) == 0);
	SLIST_INSERT_HEAD(&unused, lane, next_unused);
	must(pthread_mutex_unlock(&all) == 0);
}

static void
init(void)
{
	must(pthread_key_create(&key, close_lane) == 0);
}

static struct lane *
make_lane(void)
{
	struct lane *lane = must_alloc(sizeof(*lane));

	STAILQ_INIT(&lane->spare);
	STAILQ_INIT(&lane->ready);
	must(pthread_mutex_init(&lane->mutex, NULL) == 0);
	return lane;
}

/* The calling thread's lane; NULL: it has none yet. */
static struct lane *
own_lane(void)
{
	must(pthread_once(&once, init) == 0);
	return pthread_getspecific(key);
}

static struct lane *
open_lane(void)
{
	struct lane *lane = own_lane();

	if (lane != NULL)
		return lane;
	must(pthread_mutex_lock(&all) == 0);
	lane = SLIST_FIRST(&unused);
	if (lane != NULL)
		SLIST_REMOVE_HEAD(&unused, next_unused);
	must(pthread_mutex_unlock(&all) == 0);
	if (lane == NULL)
		lane = make_lane();
	must(pthread_setspecific(key, lane) == 0);
	return lane;
}

/* Goes back to fiber_run. */
static void
leave_fiber(struct fiber *f)
{
	struct lane *lane = f->lane;

	stack_switch(&f->stack, &lane->stack);
}

/* A stack's first function, which runs one fiber after another. */
static void
enter(void)
{
	struct fiber *f = own_lane()->running;

	stack_arrive(&f->stack, &f->lane->stack);
	for (;;) {
		f->fn(f->arg);
		f->ended = 1;
		leave_fiber(f);
	}
}

static struct fiber *
make(struct lane *lane)
{
	struct fiber *f = must_alloc(sizeof(*f));

	f->lane = lane;
	stack_open(&f->stack, enter);
	return f;
}

struct fiber *
fiber_open(void (*fn)(void *), void (*ready)(void *), void *arg)
{
	struct lane *lane = open_lane();
	struct fiber *f = STAILQ_FIRST(&lane->spare);

	if (f == NULL) {
		f = make(lane);
	} else {
		STAILQ_REMOVE_HEAD(&lane->spare, next);
		lane->n_spare--;
	}
	f->fn = fn;
	f->ready = ready;
	f->arg = arg;
	f->ended = 0;
	f->broken_off = 0;
	return f;
}

/* The newest is used first: its stack is in the processor's cache. */
static void
give_back(struct fiber *f)
{
	struct lane *lane = f->lane;

	if (lane->n_spare == SPARE_MAX) {
		destroy(f);
		return;
	}
	STAILQ_INSERT_HEAD(&lane->spare, f, next);
	lane->n_spare++;
}

enum fiber_state
fiber_run(struct fiber *f)
{
	struct lane *lane = f->lane;

	must(lane == own_lane() && lane->running == NULL);
	lane->running = f;
	stack_switch(&lane->stack, &f->stack);
	lane->running = NULL;
	if (!f->ended)
		return FIBER_WAITS;
	give_back(f);
	return FIBER_ENDED;
}

void
fiber_begin_wait(struct fiber *f)
{
	f->begun = 1;
	f->start(f->start_arg);
}

static void
block(struct fiber_wait *w, void (*start)(void *), void *arg)
{
	w->fiber = NULL;
	must(sem_init(&w->woken, 0, 0) == 0);
	start(arg);
	while (sem_wait(&w->woken) != 0)
		must(errno == EINTR);
	(void)sem_destroy(&w->woken);
}

void
fiber_wait_here(struct fiber *f)
{
	f->begun = 1;
	block(f->wait, f->start, f->start_arg);
}

void
fiber_break_off(struct fiber *f)
{
	f->broken_off = 1;
	must(fiber_run(f) == FIBER_ENDED);
}

int
fiber_wait(struct fiber_wait *w, void (*start)(void *), void *arg)
{
	struct lane *lane = own_lane();
	struct fiber *f = lane != NULL ? lane->running : NULL;

	if (f == NULL) {
		block(w, start, arg);
		return 0;
	}
	if (f->broken_off)
		return -1;
	w->fiber = f;
	f->wait = w;
	f->start = start;
	f->start_arg = arg;
	f->begun = 0;
	leave_fiber(f);
	return f->begun ? 0 : -1;
}

void
fiber_wake(struct fiber_wait *w)
{
	struct fiber *f = w->fiber;
	struct lane *lane;

	if (f == NULL) {
		must(sem_post(&w->woken) == 0);
		return;
	}
	lane = f->lane;
	must(pthread_mutex_lock(&lane->mutex) == 0);
	/* Otherwise a fiber is on its way that will collect this one. */
	if (!lane->owed && STAILQ_EMPTY(&lane->ready)) {
		lane->owed = 1;
		if (owing.stqh_last == NULL)
			STAILQ_INIT(&owing);
		STAILQ_INSERT_TAIL(&owing, lane, next_owed);
	}
	STAILQ_INSERT_TAIL(&lane->ready, f, next);
	must(pthread_mutex_unlock(&lane->mutex) == 0);
}

static struct fiber *
take_ready(struct lane *lane)
{
	struct fiber *f = STAILQ_FIRST(&lane->ready);

	if (f != NULL)
		STAILQ_REMOVE_HEAD(&lane->ready, next);
	return f;
}

void
fiber_wake_flush(void)
{
	struct lane *lane;
	struct fiber *f;

	while ((lane = STAILQ_FIRST(&owing)) != NULL) {
		STAILQ_REMOVE_HEAD(&owing, next_owed);
		must(pthread_mutex_lock(&lane->mutex) == 0);
		lane->owed = 0;
		f = take_ready(lane);
		must(pthread_mutex_unlock(&lane->mutex) == 0);
		if (f != NULL)
			f->ready(f->arg);
	}
}

void
fiber_collect(void)
{
	struct lane *lane = own_lane();
	struct fibers ready = STAILQ_HEAD_INITIALIZER(ready);
	struct fiber *f;

	must(pthread_mutex_lock(&lane->mutex) == 0);
	STAILQ_CONCAT(&ready, &lane->ready);
	must(pthread_mutex_unlock(&lane->mutex) == 0);
	while ((f = STAILQ_FIRST(&ready)) != NULL) {
		STAILQ_REMOVE_HEAD(&ready, next);
		f->ready(f->arg);
	}
}
