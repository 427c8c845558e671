#include "db/base/stack.h"

#include <sys/mman.h>
#include <unistd.h>

#include "db/base/must.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#if defined(_FORTIFY_SOURCE) && _FORTIFY_SOURCE > 0
#error "fortified, _longjmp refuses to go to another stack"
#endif

/*
 * Only pages that were touched take memory: 8 to 16 KB for a request that posts
 * a message, 64 KB where a thread opens its connection to the store.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_BYTES = 1024 * 1024 }; /* larger frames */
#else
enum { STACK_BYTES = 256 * 1024 };
#endif

#if defined(__SANITIZE_ADDRESS__)
static void
leave(struct stack *from, const struct stack *to)
{
	__sanitizer_start_switch_fiber(&from->saved, to->bottom, to->size);
}

/* The bounds of FROM, which may be the thread's stack, are learned here. */
void
stack_arrive(const struct stack *here, struct stack *from)
{
	__sanitizer_finish_switch_fiber(
	    here->saved, &from->bottom, &from->size);
}

static void
begin(struct stack *s)
{
	(void)s;
}

static void
end(struct stack *s)
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

void
stack_arrive(const struct stack *here, struct stack *from)
{
	(void)here;
	(void)from;
}

static void
begin(struct stack *s)
{
	s->id = __tsan_create_fiber(0);
}

static void
end(struct stack *s)
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

void
stack_arrive(const struct stack *here, struct stack *from)
{
	(void)here;
	(void)from;
}

static void
begin(struct stack *s)
{
	(void)s;
}

static void
end(struct stack *s)
{
	(void)s;
}
#endif

static size_t
page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void
stack_open(struct stack *s, void (*fn)(void))
{
	size_t guard = page();

	*s = (struct stack){ .size = STACK_BYTES };
	s->memory = mmap(NULL, guard + STACK_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	must(s->memory != MAP_FAILED);
	must(mprotect(s->memory, guard, PROT_NONE) == 0);
	s->bottom = s->memory + guard;
	begin(s);
	must(getcontext(&s->first) == 0);
	s->first.uc_stack.ss_sp = s->memory + guard;
	s->first.uc_stack.ss_size = STACK_BYTES;
	s->first.uc_link = NULL;
	makecontext(&s->first, fn, 0);
}

void
stack_close(struct stack *s)
{
	end(s);
	must(munmap(s->memory, page() + STACK_BYTES) == 0);
}

void
stack_switch(struct stack *from, struct stack *to)
{
	if (_setjmp(from->point) == 0) {
		leave(from, to);
		if (to->memory == NULL || to->has_begun)
			_longjmp(to->point, 1);
		to->has_begun = 1;
		must(setcontext(&to->first) == 0);
	}
	stack_arrive(from, to);
}
