/*
 * curl: asks a site by the program curl, one process for a request.
 *
 * The program and not its library: it is on every host where the commands of
 * docs/DEPLOY.md were run, so nothing is linked, and a portable build speaks
 * TLS by what the host trusts.  A request goes to its standard input, so no
 * token shows in the list of processes.  ~/.curlrc is not read and redirects are
 * not followed.
 *
 * The caller owns a struct curl, all zero before curl_open, and must close it,
 * which also ends the process.  Texts given out are its own, until it is read
 * further or closed.  One thread at a time.
 */
#ifndef DB_ADMIN_CURL_H
#define DB_ADMIN_CURL_H

#include <sys/types.h>

#include "db/base/buf.h"

enum { CURL_HEADERS_MAX = 8 };

struct curl_request {
	const char *method; /* NULL: GET, or with a body POST */
	const char *url;
	const char *headers[CURL_HEADERS_MAX]; /* up to the first NULL */
	const char *body; /* NULL: none */
	int copies; /* the same request so often at once; 0: once */
	int http2; /* 1: HTTP/2 is offered */
	int limit_s; /* seconds; 0: 20 */
};

struct curl {
	pid_t pid; /* 0: none runs */
	int out;
	struct buf got; /* heads and bodies as they came */
};

/* 0; -1: the program curl cannot be started, and the log says so. */
int curl_open(struct curl *, const struct curl_request *)
    __attribute__((warn_unused_result));

enum curl_more { CURL_DATA, CURL_END, CURL_LATE };

/* Waits for more of the answer until UNTIL, a time of clock_waits(). */
enum curl_more curl_more(struct curl *, int64_t until);

void curl_close(struct curl *);

/*
 * Asks, closing what the struct held, and waits for the whole answer: its
 * status; 0: there is none, and curl_trouble() says why.
 */
int curl_ask(struct curl *, const struct curl_request *);

/* The status of the answer; 0: its head has not come. */
int curl_status(const struct curl *);

/* 1 if the answer came by HTTP/2. */
int curl_by_http2(const struct curl *);

/* The body so far; LEN may be NULL. */
const char *curl_body(const struct curl *, size_t *len);

/*
 * How many lines of the head have NAME; VALUE becomes that of the last, "" if
 * there is none.
 */
int curl_header(const struct curl *, const char *name, struct buf *value);

/* What curl says about an answer that broke off or never came; "": nothing. */
const char *curl_trouble(const struct curl *);

#endif
