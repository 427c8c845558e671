/*
 * http: as much of HTTP/1.1 as a client needs: the head of an answer, bodies
 * in chunks, and connections that take one request after another.
 */
#ifndef TESTS_LOAD_HTTP_H
#define TESTS_LOAD_HTTP_H

#include "tests/load/base.h"
#include "tests/load/loop.h"

enum chunk_state { CHUNK_SIZE, CHUNK_REST, CHUNK_DATA, CHUNK_GAP, CHUNK_END };

/* The position in a chunked body; all zero at its beginning. */
struct chunks {
	enum chunk_state state;
	size_t left;
};

/* Removes the chunk framing from P; returns the number of body bytes left. */
size_t chunks_decode(struct chunks *c, char *p, size_t len);

struct head {
	int status;
	size_t len; /* with the empty line */
	long length; /* of the body; -1: unknown */
	int chunked;
	int closes;
};

/* The head that P begins with; 0 if it is not complete yet. */
int head_read(struct head *h, const char *p, size_t len);

struct conn {
	struct source source;
	struct loop *loop;
	size_t n; /* the source address */
	int fd; /* -1: none */
	int asking;
	int has_head;
	struct head head;
	struct chunks chunks;
	struct text in; /* head, and the part of the body that has come */
	/*
	 * STATUS 0: the connection broke before the whole answer was there.
	 * BODY ends with a 0 and is the connection's until the next request.
	 */
	void (*answered)(struct conn *c, int status, const char *body);
};

void conn_init(struct conn *c, struct loop *loop, size_t n);

/* Sends a request, on a new connection when the last was closed. */
void conn_ask(struct conn *c, const char *request, size_t len);
void conn_close(struct conn *c);

#endif
