#include "db/chat/accounts.h"
#include "api/handlers/idempotency_request.h"

#include <string.h>

enum { DIFFERENT_MIN = 8 }; /* characters; a random UUID has more */

static int
count_different(const char *key)
{
	int n = 0;

	for (const char *p = key; *p != '\0'; p++)
		n += memchr(key, *p, (size_t)(p - key)) == NULL;
	return n;
}

/*
 * Why KEY cannot be one; NULL: it can.  Nobody can tell by looking at it that a
 * key is random; the obvious mistakes are refused.
 */
static const char *
check(const char *key, const struct idempotency_input *r)
{
	size_t len = strlen(key);

	for (const char *p = key; *p != '\0'; p++)
		if (*p < '!' || *p > '~')
			return "must be printable ASCII without spaces";
	if (len > IDEMPOTENCY_KEY_MAX)
		return "must be at most 64 characters";
	if (r->user.n != 0)
		return NULL;
	if (len < IDEMPOTENCY_UNGUESSABLE ||
	    count_different(key) < DIFFERENT_MIN)
		return "must be unguessable without a token: at least 22 "
		       "random characters";
	if (r->from.len == 0)
		return "needs a token, because the service does not see your "
		       "address";
	return NULL;
}

int
idempotency_request_read(const struct call *call, const char *route,
    struct idempotency_request *once, struct reply *reply)
{
	const struct request *r = call->request;
	struct idempotency_input request = { .user = call->user,
		.route = route,
		.place = call->room.id.n,
		.key = r->headers.idempotency_key,
		.body = r->body,
		.len = r->len };
	const char *why;

	once->asked = request.key != NULL && *request.key != '\0';
	if (!once->asked)
		return 1;
	if (!call->known)
		request.from = address_prefix(r->address);
	why = check(request.key, &request);
	if (why != NULL) {
		*reply = reply_field("Idempotency-Key", why);
		return 0;
	}
	idempotency_init(&once->id, &request);
	return 1;
}

enum db_rc
idempotency_request_find(struct db *db, const struct idempotency_request *once,
    struct idempotency_made *made, enum problem *why)
{
	enum db_rc rc = DB_NONE;

	if (once->asked)
		rc = idempotency_find(db, &once->id, made);
	if (rc == DB_CONFLICT)
		*why = PROBLEM_IDEMPOTENCY_KEY_REUSED;
	return rc;
}

enum db_rc
idempotency_request_keep(struct db *db, const struct idempotency_request *once,
    struct user_id user, int64_t id)
{
	struct idempotency_made made = { user, id };

	return once->asked ? idempotency_keep(db, &once->id, &made) : DB_OK;
}

enum db_rc
idempotency_request_make_person(struct db *db,
    const struct idempotency_request *once, struct user_id *user,
    struct token *token)
{
	return once->asked ?
	    accounts_make_repeatable(db, once->id.seed, user, token) :
	    accounts_make(db, user, token);
}

enum db_rc
idempotency_request_repeat_token(struct db *db,
    const struct idempotency_request *once, const struct idempotency_made *made,
    struct token *token)
{
	return accounts_repeat_token(db, once->id.seed, made->user, token);
}
