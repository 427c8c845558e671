/*
 * must: assertions that stay on in every build.  A false one ends the process.
 *
 * Like assert(3), but must is never compiled out, so it may surround a call
 * that has an effect.  Nothing lives only in memory, so ending is safe: the
 * supervisor starts the program again.  Not for failures that a client or the
 * disk can cause.
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

/* Allocates heap memory; out of memory ends the process. */
void *must_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *must_realloc(void *, size_t size) __attribute__((returns_nonnull));
char *must_copy(const char *text) __attribute__((malloc, returns_nonnull));

#endif
