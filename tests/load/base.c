#include "tests/load/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
give_up_because(const char *what, const char *why)
{
	(void)fprintf(stderr, "load: %s: %s\n", what, why);
	exit(1);
}

void
give_up(const char *what)
{
	give_up_because(what, strerror(errno));
}

int64_t
now_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		give_up("clock");
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void *
need(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size);

	if (p == NULL)
		give_up("memory");
	return p;
}

char *
text_more(struct text *t, size_t len)
{
	if (t->len + len > t->room) {
		t->room = (t->len + len) * 2;
		t->p = realloc(t->p, t->room);
		if (t->p == NULL)
			give_up("memory");
	}
	return t->p + t->len;
}

void
text_add(struct text *t, const char *p, size_t len)
{
	memcpy(text_more(t, len), p, len);
	t->len += len;
}

void
text_done(struct text *t)
{
	free(t->p);
	*t = (struct text){ 0 };
}
