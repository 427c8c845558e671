/*
 * credentials: the caller's token, key, ticket or cookie.
 *
 * The first of these counts: a token in Authorization or X-Parlor-Token, a
 * ticket, the cookie.  Its form distinguishes a token of ours, a service key
 * and a token of the embedding site.  credentials_read does the part that needs
 * no store (such as checking a signature, outside any transaction);
 * credentials_know does the rest, in every transaction that relies on the
 * caller.
 */
#ifndef API_HTTP_CREDENTIALS_H
#define API_HTTP_CREDENTIALS_H

#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/chat/jwts.h"
#include "db/rows/keys.h"
#include "api/http/cors.h"
#include "api/http/problem.h"
#include "api/http/request.h"

extern const char credentials_cookie[]; /* the name of the cookie */

/* From HTTP; lent, NULL when absent. */
struct credentials {
	const char *token;
	const char *ticket;
	const char *cookie; /* the header Cookie, where it counts */
	struct key_text basic; /* a service key sent as a password; "": none */
};

struct caller {
	enum {
		CALLER_NOBODY,
		CALLER_TOKEN,
		CALLER_KEY,
		CALLER_JWT,
		CALLER_TICKET,
		CALLER_WRONG
	} type;
	int by_cookie;
	const char *text; /* the token, key or ticket; lent */
	size_t len;
	struct claims claims; /* of CALLER_JWT */

	/* after credentials_know */
	struct user_id user;
	struct key_id key; /* 0: none */
	unsigned scopes; /* of the key */
	int64_t expires; /* wall ms; 0: never */
	int unseen; /* valid, but credentials_meet must create the user first */
};

/*
 * Reads the headers: the token of Authorization (scheme Bearer, RFC 6750) or
 * else of X-Parlor-Token, and the cookie where CORS lets it count.  The scheme
 * Basic (RFC 7617) counts only if its password has the form of a service key,
 * because a front may ask for passwords of its own.
 */
struct credentials credentials_of(
    const struct request_headers *, const struct cors *);

/* The token or key from a header, lent; NULL: there is none. */
const char *credentials_token(const struct credentials *);

/* The credentials must live as long as the caller. */
void credentials_read(const struct credentials *, struct caller *);

/*
 * Inside a transaction: finds the user.  DB_CONFLICT with *WHY: token_required
 * or token_invalid; with UNSEEN set, credentials_meet makes the caller known.
 */
enum db_rc credentials_know(
    struct db *, struct caller *, enum problem *why) DB_CHECK;

/*
 * The refusal that fits the caller: a service key without a seat in the room is
 * told which scope it lacks, instead of being told to join.  Any other refusal
 * stays as it is.
 */
enum problem credentials_refine(const struct caller *, enum problem);

/* Writes: creates the user of an UNSEEN caller. */
enum db_rc credentials_meet(struct db *, struct caller *) DB_CHECK;

#endif
