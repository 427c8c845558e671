#include "api/handlers/sending.h"

#include <string.h>

#include "api/handlers/rates.h"
#include "db/rows/keys.h"

const char *
sending_check_type(const char *text)
{
	return strcmp(text, "message") == 0 || strcmp(text, "alert") == 0 ?
	    NULL :
	    "must be message or alert";
}

const char *
sending_check_client_id(const char *text)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._~-";
	size_t len = strlen(text);

	return len >= 1 && len <= CLIENT_ID_MAX &&
		strspn(text, allowed) == len ?
	    NULL :
	    "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '~' and '-'";
}

enum db_rc
sending_send(struct db *db, void *arg)
{
	struct sending *s = arg;
	const struct call *call = s->call;

	if (call->known)
		s->draft.user = call->user;
	if (s->draft.type == MESSAGE_ALERT && (call->scopes & KEY_ALERTS) != 0)
		s->draft.key = call->key;
	s->bucket = rates_limit(call, RATE_LIMIT_MESSAGES);
	s->draft.bucket = s->draft.key.n == 0 ? &s->bucket : NULL;
	if (call->room.post == POST_ANYONE) {
		s->strangers = rates_limit(call, RATE_LIMIT_STRANGERS);
		s->draft.strangers = &s->strangers;
		s->draft.from = address_prefix(call->request->address);
	}
	return say_send(
	    db, &call->room, &s->draft, &s->json, &s->result, &s->why);
}

struct reply
sending_reply(struct sending *s, enum db_rc rc)
{
	struct reply reply =
	    reply_json(s->result.sent == SENT_BEFORE ? 200 : 201);

	s->call->wait = s->result.wait;
	buf_adds(&reply.body, "{\"message\":");
	buf_add(&reply.body, s->json.p, s->json.len);
	buf_addc(&reply.body, '}');
	buf_done(&s->json);
	return reply_if(rc, reply, s->why);
}
