/*
 * once: a POST that may come twice with the same Idempotency-Key.
 *
 * The handler reads the key before its transaction, looks in it for what was
 * made before, and if there is nothing keeps what it makes.
 */
#ifndef API_ONCE_H
#define API_ONCE_H

#include "api/call.h"
#include "db/idempotency.h"

struct once {
	int asked; /* 0: without a key nothing is found or kept */
	struct idempotency id;
};

/*
 * What is to be made is ROUTE's, in the call's room if it has one.  Nobody
 * knows a caller without a token but by the key, which must be unguessable.
 * 1, or 0: REPLY says what is wrong.
 */
int once_read(
    const struct call *, const char *route, struct once *, struct reply *);

/* DB_OK; DB_NONE: make it; DB_CONFLICT with *WHY idempotency_key_reused. */
enum db_rc once_find(struct db *, const struct once *,
    struct idempotency_made *, enum problem *why) DB_CHECK;

/* In a write transaction. */
enum db_rc once_keep(
    struct db *, const struct once *, struct user_id, int64_t id) DB_CHECK;

#endif
