/*
 * must: a promise of our own that is kept or the process ends.
 *
 * Like assert(3) but never compiled out and usable around a call that has an
 * effect.  Nothing lives only in memory, so ending is safe: the supervisor
 * starts the program again.  Not for what a client or the disk can cause.
 */
#ifndef DB_BASE_MUST_H
#define DB_BASE_MUST_H

#include <stddef.h>

#define must(what)                                              \
	do {                                                    \
		if (!(what))                                    \
			must_failed(#what, __FILE__, __LINE__); \
	} while (0)

_Noreturn void must_failed(const char *what, const char *file, int line);

/* Heap memory that is there: out of memory ends the process. */
void *must_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *must_realloc(void *, size_t size) __attribute__((returns_nonnull));
char *must_copy(const char *text) __attribute__((malloc, returns_nonnull));

#endif
