#include "db/base/must.h"

#include "db/base/log.h"

void
must_failed(const char *what, const char *file, int line)
{
	log_line(LOG_ERROR, "broken promise", "what=\"%s\" at=%s:%d", what,
	    file, line);
	abort();
}

void *
must_alloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);

	must(p != NULL);
	return p;
}

void *
must_realloc(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	must(p != NULL);
	return p;
}

char *
must_copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(must_alloc(size), text, size);
}
