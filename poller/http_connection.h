/*
 * http_connection: a client's connection to libmicrohttpd.
 *
 * Before the hub takes a connection over for a single answer it must know that
 * libmicrohttpd has not read bytes of the next request as well, because they
 * would be lost.  libmicrohttpd does not tell; so the bytes of the requests are
 * counted, and compared with the bytes that were read from the socket.
 *
 * For the thread of libmicrohttpd that serves the connection.
 */
#ifndef POLLER_HTTP_CONNECTION_H
#define POLLER_HTTP_CONNECTION_H

#include <microhttpd.h>

struct http_connection;
struct deadline;
struct deadlines;

/* Of a new connection on FD, from which nothing has been read. */
struct http_connection *http_connection_open(int fd, struct deadlines *);
void http_connection_close(struct http_connection *);

/* The connection of libmicrohttpd's; NULL before it is opened. */
struct http_connection *http_connection_of(struct MHD_Connection *);

/* The deadline of its requests. */
struct deadline *http_connection_deadline(const struct http_connection *);

/* The current request has N bytes more in its body. */
void http_connection_add_body(struct http_connection *, size_t n);

/* The current request has been answered; libmicrohttpd still has its head. */
void http_connection_next(struct http_connection *, struct MHD_Connection *);

/*
 * Whether nothing has been read beyond the current request, which has arrived
 * in full.  On a unix socket always: a front waits for an answer before it
 * sends the next request.  0 when in doubt.
 */
int http_connection_is_even(
    const struct http_connection *, struct MHD_Connection *);

#endif
