/*
 * exchange: one request that libmicrohttpd has taken in, and its answer.
 *
 * The exchange lives until its connection is done with it.  Headers are lent
 * by libmicrohttpd for as long.
 */
#ifndef POLLER_EXCHANGE_H
#define POLLER_EXCHANGE_H

#include <microhttpd.h>

#include "api/http/reply.h"
#include "api/http/request.h"
#include "db/base/buf.h"
#include "poller/service.h"

struct exchange {
	struct service *service;
	struct MHD_Connection *connection;
	char *target; /* raw, but for escapes that mean nothing */
	const char *method;
	struct request_headers headers; /* once all of the request is there */
	struct cors cors; /* of the answer */
	struct buf body; /* at most REQUEST_BODY_MAX and one byte */
	struct buf accept; /* all headers Accept */
	int checked; /* by request_check */
	struct handed
	    *handed; /* what the answer tells counts as heard; or NULL */
};

/* For the request on the raw TARGET that has just begun. */
struct exchange *exchange_open(struct service *, const char *target);
void exchange_close(struct exchange *);

/*
 * Reads the headers.  Several of Accept are the one list that they are (RFC
 * 9110 section 5.3).
 */
void exchange_read_headers(struct exchange *);

/* The request in full, lent by the exchange; ADDRESS is the client's. */
struct request exchange_request(const struct exchange *, const char *address);

/* 1 when the method is GET or HEAD. */
int exchange_is_get(const struct exchange *);

/* Adds a header to the struct MHD_Response ARG: a header_fn. */
void exchange_add_header(void *arg, const char *name, const char *value);

/*
 * Answers with the reply, which is taken over, under the verdict of CORS that
 * stands in the exchange.
 */
enum MHD_Result exchange_reply(struct exchange *, struct reply *);

/* A refusal. */
enum MHD_Result exchange_problem(struct exchange *, enum problem);

/* 200 with TYPE and BODY, which is taken over. */
enum MHD_Result exchange_text(
    struct exchange *, const char *type, struct buf *body);

/* A response that has been made, which is taken over. */
enum MHD_Result exchange_queue(
    const struct exchange *, int status, struct MHD_Response *);

#endif
