/* base: ending with a reason, the clock, memory, and a growable text. */
#ifndef TESTS_LOAD_BASE_H
#define TESTS_LOAD_BASE_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_S  1000000000LL
#define NS_PER_MS 1000000LL

/* Prints WHAT and errno on stderr, and exits with 1. */
_Noreturn void give_up(const char *what);

/* The same with a reason that errno does not have. */
_Noreturn void give_up_because(const char *what, const char *why);

int64_t now_ns(void);

/* N zeroed things of SIZE; exits when there is no memory. */
void *need(size_t n, size_t size);

struct text {
	char *p;
	size_t len, room;
};

void text_add(struct text *t, const char *p, size_t len);
/* Room for LEN more bytes at the end, which the caller fills. */
char *text_more(struct text *t, size_t len);
void text_done(struct text *t);

#endif
