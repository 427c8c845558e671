#include "db/base/fiber.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <ucontext.h>
#include <unistd.h>

#include "db/base/must.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/*
 * Only the pages that were touched take memory: a request touches about 24 KB.
 * Sanitizers make frames several times larger.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_BYTES = 1024 * 1024 };
#else
enum { STACK_BYTES = 256 * 1024 };
#endif

/* Kept by a thread for later, with their stacks. */
enum { SPARE_MAX = 64 };

/* A stack, as the sanitizers need to know it. */
struct stack {
	const void *bottom;
	size_t size;
	void *id; /* of the thread sanitizer */
	void *saved; /* of the address sanitizer */
};

struct fiber {
	void (*fn)(void *);
	void (*ready)(void *);
	void *arg;
	struct lane *lane;
	char *memory; /* the guard page, then the stack */
	struct stack stack;
	ucontext_t context;
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
	ucontext_t context;
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

#if defined(__SANITIZE_ADDRESS__)
static void
leave(struct stack *from, const struct stack *to)
{
	__sanitizer_start_switch_fiber(&from->saved, to->bottom, to->size);
}

/* FROM: where the switch came from; its bounds are learned here. */
static void
arrive(const struct stack *here, struct stack *from)
{
	__sanitizer_finish_switch_fiber(
	    here->saved, &from->bottom, &from->size);
}

static void
stack_open(struct stack *s)
{
	(void)s;
}

static void
stack_close(struct stack *s)
{
	__asan_unpoison_memory_region(s->bottom, s->size);
}
#elif defined(__SANITIZE_THREAD__)
static void
leave(struct stack *from, const struct stack *to)
{
	from->id = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(to->id, 0);
}

static void
arrive(const struct stack *here, struct stack *from)
{
	(void)here;
	(void)from;
}

static void
stack_open(struct stack *s)
{
	s->id = __tsan_create_fiber(0);
}

static void
stack_close(struct stack *s)
{
	__tsan_destroy_fiber(s->id);
}
#else
static void
leave(struct stack *from, const struct stack *to)
{
	(void)from;
	(void)to;
}

static void
arrive(const struct stack *here, struct stack *from)
{
	(void)here;
	(void)from;
}

static void
stack_open(struct stack *s)
{
	(void)s;
}

static void
stack_close(struct stack *s)
{
	(void)s;
}
#endif

static size_t
page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void
destroy(struct fiber *f)
{
	stack_close(&f->stack);
	must(munmap(f->memory, page() + STACK_BYTES) == 0);
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

	leave(&f->stack, &lane->stack);
	must(swapcontext(&f->context, &lane->context) == 0);
	arrive(&f->stack, &lane->stack);
}

/* A stack's first function, which runs one fiber after another. */
static void
enter(void)
{
	struct fiber *f = own_lane()->running;

	arrive(&f->stack, &f->lane->stack);
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
	size_t guard = page();

	f->lane = lane;
	f->memory = mmap(NULL, guard + STACK_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	must(f->memory != MAP_FAILED);
	must(mprotect(f->memory, guard, PROT_NONE) == 0);
	f->stack.bottom = f->memory + guard;
	f->stack.size = STACK_BYTES;
	stack_open(&f->stack);
	must(getcontext(&f->context) == 0);
	f->context.uc_stack.ss_sp = f->memory + guard;
	f->context.uc_stack.ss_size = STACK_BYTES;
	f->context.uc_link = NULL;
	makecontext(&f->context, enter, 0);
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
	leave(&lane->stack, &f->stack);
	must(swapcontext(&lane->context, &f->context) == 0);
	arrive(&lane->stack, &f->stack);
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
