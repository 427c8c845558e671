/*
 * exchange: one request that libmicrohttpd has parsed, and its answer.
 *
 * The exchange lives until libmicrohttpd has finished the request.  Headers are
 * lent by libmicrohttpd for as long.
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
	const char *method, *version;
	struct request_headers headers; /* once all of the request is there */
	struct cors cors; /* of the answer */
	struct buf body; /* at most REQUEST_BODY_MAX and one byte */
	uint64_t arrived; /* bytes of the body so far */
	struct buf accept; /* all headers Accept */
	uint64_t address; /* of the client, once its headers are read */
	struct deadline *deadline; /* once the request has arrived in full */
	uint64_t length; /* of the answer's body */
	int checked; /* by request_check */
	int counted; /* as a connection of its address */
	struct handed *handed; /* its events count as heard; or NULL */
	/* poller/parking.c's own */
	struct fiber *fiber; /* NULL: the answer has not begun, or has ended */
	enum MHD_Result (*answer)(struct exchange *);
	enum MHD_Result result; /* of ANSWER */
	int parks; /* it has parked */
};

/* Begins an exchange for a request on the raw TARGET. */
struct exchange *exchange_open(struct service *, const char *target);
void exchange_close(struct exchange *);

/*
 * Reads the headers.  Several fields Accept are joined into a list (RFC 9110
 * section 5.3).
 */
void exchange_read_headers(struct exchange *);

/* The complete request, lent by the exchange; ADDRESS is the client's. */
struct request exchange_request(const struct exchange *, const char *address);

/* 1 when the method is GET or HEAD. */
int exchange_is_get(const struct exchange *);

/* Adds a header to the struct MHD_Response ARG: a header_fn. */
void exchange_add_header(void *arg, const char *name, const char *value);

/*
 * Answers with the reply and frees it, with the headers of the exchange's CORS
 * verdict.
 */
enum MHD_Result exchange_reply(struct exchange *, struct reply *);

/* Answers with a refusal. */
enum MHD_Result exchange_problem(struct exchange *, enum problem);

/* Answers 200 with TYPE and BODY, and frees BODY. */
enum MHD_Result exchange_text(
    struct exchange *, const char *type, struct buf *body);

/*
 * Answers with a response that has been made, and releases it.  LENGTH is set
 * before.
 */
enum MHD_Result exchange_queue(
    struct exchange *, int status, struct MHD_Response *);

#endif
