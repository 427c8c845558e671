/* dialect: how one asks Parlor, and how nchan, for the same things. */
#ifndef TESTS_LOAD_DIALECT_H
#define TESTS_LOAD_DIALECT_H

#include <stddef.h>

enum { NAME_MAX_LEN = 48, CURSOR_MAX = 48, REQUEST_MAX = 8192 };

/* What a request is about; a dialect takes of it what it needs. */
struct ask {
	const char *room;
	const char *token;
	const char *cursor; /* "": from now on */
	const char *content;
	const char *key; /* the same when a message is sent again */
	const char *path;
};

struct dialect {
	const char *name;
	const char *ready; /* a stream that has said this hears all to come */
	size_t around; /* bytes of a frame that are not the content */
	int has_people; /* rooms are made and joined before */
	/* Each writes a request of less than REQUEST_MAX and gives its length. */
	size_t (*stream)(char *to, const struct ask *a);
	size_t (*poll)(char *to, const struct ask *a);
	size_t (*post)(char *to, const struct ask *a);
	size_t (*get)(char *to, const struct ask *a);
	size_t (*create)(char *to, const struct ask *a);
	size_t (*join)(char *to, const struct ask *a);
};

/* NULL: none has that name. */
const struct dialect *dialect_named(const char *name);

#endif
