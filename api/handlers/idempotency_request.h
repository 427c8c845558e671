/*
 * idempotency_request: a POST that may come twice with the same Idempotency-Key.
 *
 * The handler reads the key, then looks for what was made before: in a read
 * transaction first, so that a repeat costs no more than a read and writes
 * nothing, and again in the transaction that makes it and keeps what it made.
 *
 * A caller without a token is known by address and key.  A key that others
 * guess, from the same address and with the same body, gives them the token
 * that was made for it; so a weak key is refused, and one from another address
 * is another key.
 */
#ifndef API_HANDLERS_IDEMPOTENCY_REQUEST_H
#define API_HANDLERS_IDEMPOTENCY_REQUEST_H

#include "api/call.h"
#include "db/rows/idempotency.h"

struct idempotency_request {
	int asked; /* 0: without a key nothing is found or kept */
	struct idempotency id;
};

/*
 * What is to be made is ROUTE's, in the call's room if it has one.  1, or 0:
 * REPLY says what is wrong.
 */
int idempotency_request_read(const struct call *, const char *route,
    struct idempotency_request *, struct reply *);

/* DB_OK; DB_NONE: make it; DB_CONFLICT with *WHY idempotency_key_reused. */
enum db_rc idempotency_request_find(struct db *,
    const struct idempotency_request *, struct idempotency_made *,
    enum problem *why) DB_CHECK;

/* In a write transaction. */
enum db_rc idempotency_request_keep(struct db *,
    const struct idempotency_request *, struct user_id, int64_t id) DB_CHECK;

/*
 * In a write transaction: a new person, and the token; and inside any, the
 * token again for a repeat that was found.
 */
enum db_rc idempotency_request_make_person(struct db *,
    const struct idempotency_request *, struct user_id *,
    struct token *) DB_CHECK;
enum db_rc idempotency_request_repeat_token(struct db *,
    const struct idempotency_request *, const struct idempotency_made *,
    struct token *) DB_CHECK;

#endif
