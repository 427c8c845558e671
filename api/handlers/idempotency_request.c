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
 * Why KEY is refused; NULL: it is accepted.  Whether a key is random cannot be
 * seen from the key, so only the obvious mistakes are refused.
 */
static const char *
check(const char *key, const struct repeat_input *r)
{
	size_t len = strlen(key);

	for (const char *p = key; *p != '\0'; p++)
		if (*p < '!' || *p > '~')
			return "must be printable ASCII without spaces";
	if (len > REPEATS_KEY_MAX)
		return "must be at most 64 characters";
	if (r->user.n != 0)
		return NULL;
	if (len < REPEATS_UNGUESSABLE || count_different(key) < DIFFERENT_MIN)
		return "must be unguessable without a token: at least 22 "
		       "random characters";
	if (r->from.len == 0)
		return "needs a token, because the service does not see your "
		       "address";
	return NULL;
}

int
idempotency_request_read(const struct call *call, const char *route,
    struct idempotency_request *r, struct reply *reply)
{
	const struct request *request = call->request;
	struct repeat_input input = { .user = call->user,
		.route = route,
		.place = call->room.id.n,
		.key = request->headers.idempotency_key,
		.body = request->body,
		.len = request->len };
	const char *why;

	r->asked = input.key != NULL && *input.key != '\0';
	if (!r->asked)
		return 1;
	if (!call->known)
		input.from = address_prefix(request->address);
	why = check(input.key, &input);
	if (why != NULL) {
		*reply = reply_field("Idempotency-Key", why);
		return 0;
	}
	repeats_init(&r->repeat, &input);
	return 1;
}

enum db_rc
idempotency_request_find(struct db *db, const struct idempotency_request *r,
    struct idempotency_made *made, enum problem *why)
{
	enum db_rc rc = DB_NONE;

	if (r->asked)
		rc = repeats_find(db, &r->repeat, made);
	if (rc == DB_CONFLICT)
		*why = PROBLEM_IDEMPOTENCY_KEY_REUSED;
	return rc;
}

enum db_rc
idempotency_request_keep(struct db *db, const struct idempotency_request *r,
    struct user_id user, int64_t id)
{
	struct idempotency_made made = { user, id };

	return r->asked ? repeats_keep(db, &r->repeat, &made) : DB_OK;
}

enum db_rc
idempotency_request_make_person(struct db *db,
    const struct idempotency_request *r, struct user_id *user,
    struct token *token)
{
	return r->asked ?
	    accounts_make_repeatable(db, r->repeat.seed, user, token) :
	    accounts_make(db, user, token);
}

enum db_rc
idempotency_request_repeat_token(struct db *db,
    const struct idempotency_request *r, const struct idempotency_made *made,
    struct token *token)
{
	return accounts_repeat_token(db, r->repeat.seed, made->user, token);
}
