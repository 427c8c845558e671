/*
 * stack: a second stack for a thread, and the way from one stack to another.
 *
 * A switch is a _setjmp and a _longjmp: it makes no system call and keeps the
 * thread's signal mask.  Only the first switch to a new stack is different: it
 * begins the stack's function (makecontext, setcontext).  The sanitizers are
 * told of each switch.
 *
 * A stack belongs to the thread that opened it, which alone may switch to it.
 */
#ifndef DB_BASE_STACK_H
#define DB_BASE_STACK_H

#include <setjmp.h>
#include <stddef.h>
#include <ucontext.h>

/* Zeroed, it is the stack that the thread already has. */
struct stack {
	char *memory; /* the guard page, then the stack; NULL: the thread's */
	int has_begun;
	ucontext_t first; /* until it has begun */
	jmp_buf point; /* where it goes on */
	/* for the sanitizers */
	const void *bottom;
	size_t size;
	void *id; /* of the thread sanitizer */
	void *saved; /* of the address sanitizer */
};

/*
 * Makes a stack on which FN will run, which must not return and begins with
 * stack_arrive.  FN may not be run before stack_close.
 */
void stack_open(struct stack *, void (*fn)(void));
void stack_close(struct stack *);

/* Leaves FROM, on which the caller runs, and returns when it is its turn. */
void stack_switch(struct stack *from, struct stack *to);

/* In FN: it runs on HERE, and the switch was from FROM. */
void stack_arrive(const struct stack *here, struct stack *from);

#endif
