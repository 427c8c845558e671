/*
 * fastcgi: the records of FastCGI (specification 1.0, chapters 3 to 5 and 8).
 *
 * A reader takes the bytes of a connection as they come, in pieces of any size,
 * until one request has arrived whole.  It does no I/O and keeps a bounded
 * number of bytes, whatever the peer sends.  Requests are not multiplexed.
 *
 * A body is kept up to a byte more than REQUEST_BODY_MAX.  The rest is read and
 * dropped, because a web server that is still sending when its connection
 * closes tells the client of a failure.
 */
#ifndef API_DOORS_FASTCGI_H
#define API_DOORS_FASTCGI_H

#include "db/base/buf.h"

enum fastcgi_state {
	FASTCGI_MORE, /* the request is not whole */
	FASTCGI_WHOLE, /* bytes after it are ignored */
	FASTCGI_ENDED, /* there is no request; SAY says why */
	FASTCGI_LONG, /* its variables are too long */
	FASTCGI_WRONG /* the bytes are no FastCGI */
};

struct fastcgi_variable {
	const char *name, *value;
	size_t len; /* of the name */
};

/* All zero at first.  Each reader is used by one thread at a time. */
struct fastcgi_reader {
	/* for the caller */
	unsigned id; /* of the request; 0: none has begun */
	struct buf body;
	struct buf say; /* to be sent to the peer at once, and cleared */

	/* the reader's own */
	struct buf params; /* undecoded until all have arrived */
	struct fastcgi_variable *variables;
	size_t n_variables;
	int complete; /* all variables have arrived */
	unsigned char header[8]; /* of the current record */
	size_t header_len;
	size_t content, padding; /* bytes of it that are still to come */
	struct buf control; /* its content, if it is short */
};

enum fastcgi_state fastcgi_read(
    struct fastcgi_reader *, const char *bytes, size_t len);
void fastcgi_done(struct fastcgi_reader *);

/* Bytes of memory in use. */
size_t fastcgi_memory(const struct fastcgi_reader *);

/* A CGI variable of a whole request, lent; NULL: there is none. */
const char *fastcgi_variable(const struct fastcgi_reader *, const char *name);

/* Adds the records of a whole answer to request ID. */
void fastcgi_add_answer(
    struct buf *, unsigned id, const char *text, size_t len);

#endif
