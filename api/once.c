#include "api/once.h"

/* Why KEY cannot be one; NULL: it can. */
static const char *
check(const char *key, int known)
{
	size_t len = strlen(key);

	for (const char *p = key; *p != '\0'; p++)
		if (*p < '!' || *p > '~')
			return "must be printable ASCII without spaces";
	if (len > IDEMPOTENCY_KEY_MAX)
		return "must be at most 64 characters";
	if (!known && len < IDEMPOTENCY_UNGUESSABLE)
		return "must be unguessable without a token: at least 22 "
		       "random characters";
	return NULL;
}

int
once_read(const struct call *call, const char *route, struct once *once,
    struct reply *reply)
{
	const struct request *r = call->request;
	struct idempotency_request request = { .user = call->user,
		.route = route,
		.place = call->room.id.n,
		.key = r->idempotency_key,
		.body = r->body,
		.len = r->len };
	const char *why;

	once->asked = request.key != NULL && *request.key != '\0';
	if (!once->asked)
		return 1;
	why = check(request.key, call->known);
	if (why != NULL) {
		*reply = reply_field("Idempotency-Key", why);
		return 0;
	}
	idempotency_init(&once->id, &request);
	return 1;
}

enum db_rc
once_find(struct db *db, const struct once *once, struct idempotency_made *made,
    enum problem *why)
{
	enum db_rc rc = DB_NONE;

	if (once->asked)
		rc = idempotency_find(db, &once->id, made);
	if (rc == DB_CONFLICT)
		*why = PROBLEM_IDEMPOTENCY_KEY_REUSED;
	return rc;
}

enum db_rc
once_keep(
    struct db *db, const struct once *once, struct user_id user, int64_t id)
{
	struct idempotency_made made = { user, id };

	return once->asked ? idempotency_keep(db, &once->id, &made) : DB_OK;
}
