/*
 * idempotency_request: a POST that may be repeated with its Idempotency-Key.
 *
 * The handler reads the key, then looks for an earlier result: first in a read
 * transaction, so that a repeat writes nothing, and again in the transaction
 * that creates the thing and stores the result.
 *
 * A caller without a token is identified by address and key.  A stranger at the
 * same address who guesses the key and sends the same body gets the token of
 * the first caller.  So a weak key is refused, and the same key from another
 * address is a different key.
 */
#ifndef API_HANDLERS_IDEMPOTENCY_REQUEST_H
#define API_HANDLERS_IDEMPOTENCY_REQUEST_H

#include "api/call.h"
#include "db/chat/repeats.h"

struct idempotency_request {
	int asked; /* 0: no key was sent; no result is looked up or stored */
	struct repeat repeat;
};

/*
 * Reads the key for the thing that ROUTE creates, in the call's room if it has
 * one.  1; 0: REPLY says what is wrong.
 */
int idempotency_request_read(const struct call *, const char *route,
    struct idempotency_request *, struct reply *);

/*
 * DB_OK: created earlier; DB_NONE: create it now; DB_CONFLICT with *WHY
 * idempotency_key_reused.
 */
enum db_rc idempotency_request_find(struct db *,
    const struct idempotency_request *, struct idempotency_made *,
    enum problem *why) DB_CHECK;

/* In a write transaction. */
enum db_rc idempotency_request_keep(struct db *,
    const struct idempotency_request *, struct user_id, int64_t id) DB_CHECK;

/*
 * In a write transaction: creates a person and the token.  In any transaction:
 * the token again, for a repeat that was found.
 */
enum db_rc idempotency_request_make_person(struct db *,
    const struct idempotency_request *, struct user_id *,
    struct token *) DB_CHECK;
enum db_rc idempotency_request_repeat_token(struct db *,
    const struct idempotency_request *, const struct idempotency_made *,
    struct token *) DB_CHECK;

#endif
