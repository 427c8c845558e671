/*
 * sending: puts a message of a call into the call's room, and answers it.
 *
 * A route reads its request into the draft, and sends it in the write
 * transaction that checks the caller's rights.
 */
#ifndef API_HANDLERS_SENDING_H
#define API_HANDLERS_SENDING_H

#include "api/call.h"
#include "db/chat/say.h"

struct sending {
	struct call *call;
	struct message_draft draft; /* by the route, but for who sends */
	struct rate_limit bucket, strangers;
	struct buf json; /* of the message; sending_reply frees it */
	struct sent_result result;
	enum problem why;
};

/* NULL, or why TEXT is no type of a message, or no client_id. */
const char *sending_check_type(const char *text);
const char *sending_check_client_id(const char *text);

/* A db_fn whose ARG is a struct sending; the call's caller and room are set. */
enum db_rc sending_send(struct db *, void *arg) DB_CHECK;

/* The answer to a write of sending_send that ended with RC. */
struct reply sending_reply(struct sending *, enum db_rc rc);

#endif
