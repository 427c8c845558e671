/* dialect: requests to Parlor and to nchan for the same things. */
#ifndef TESTS_LOAD_DIALECT_H
#define TESTS_LOAD_DIALECT_H

#include <stddef.h>

enum { NAME_MAX_LEN = 48, CURSOR_MAX = 48, REQUEST_MAX = 8192 };

/* The parameters of a request; each dialect uses those that it needs. */
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
	const char *ready; /* after this a stream gets every new message */
	size_t around; /* bytes of a frame that are not the content */
	int has_people; /* rooms are made and joined first */
	/*
	 * Each writes a request of less than REQUEST_MAX; returns its length.
	 */
	size_t (*stream)(char *to, const struct ask *a);
	size_t (*poll)(char *to, const struct ask *a);
	size_t (*post)(char *to, const struct ask *a);
	size_t (*get)(char *to, const struct ask *a);
	size_t (*create)(char *to, const struct ask *a);
	size_t (*join)(char *to, const struct ask *a);
	/*
	 * The cursor of the next poll, of CURSOR_MAX bytes, from the answer to
	 * the last, which begins at HEAD; 0: it has none.
	 */
	int (*next)(char *cursor, const char *head, const char *body);
};

/* Copies the text after the last KEY in TEXT, up to END.  0: there is none. */
int last_value(
    const char *text, const char *key, const char *end, char *to, size_t size);

/* NULL: none has that name. */
const struct dialect *dialect_named(const char *name);

#endif
