#include "api/http/body.h"
#include "api/call.h"
#include "api/http/mount.h"
#include "db/base/clock.h"
#include "db/base/settings.h"

enum { REMEMBERED_S = 31536000, MS_PER_S = 1000 };

struct session_body {
	int64_t remember;
};

static const struct field fields[] = {
	{ "remember", FIELD_BOOL, FIELD_OPTIONAL,
	    offsetof(struct session_body, remember), NULL, 0, 0 },
};

enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* 204 that sets the cookie to LEN bytes for LIFE s; -1: a session cookie. */
static struct reply
with_cookie(
    const struct call *call, const char *value, size_t len, int64_t life)
{
	const struct request *r = call->request;
	struct buf path = mount_folder(r->target);
	struct reply reply = reply_empty(204);

	buf_addf(&reply.set_cookie, "%s=", credentials_cookie);
	buf_add(&reply.set_cookie, value, len);
	buf_addf(&reply.set_cookie, "; Path=%s; HttpOnly; SameSite=Strict",
	    buf_str(&path));
	if (r->https || call->settings->cookie_secure)
		buf_adds(&reply.set_cookie, "; Secure");
	if (life >= 0)
		buf_addf(&reply.set_cookie, "; Max-Age=%lld", (long long)life);
	buf_done(&path);
	return reply;
}

struct reply
session_post(struct call *call)
{
	const struct caller *who = &call->caller;
	struct session_body b = { 0 };
	int64_t life = REMEMBERED_S, left;
	struct reply reply;

	if (!body_take(call->body, fields, N_FIELDS, &b, &reply))
		return reply;
	left = (who->expires - clock_wall()) / MS_PER_S;
	if (who->expires != 0 && left < life)
		life = left;
	return with_cookie(call, who->text, who->len, b.remember ? life : -1);
}

struct reply
session_end(struct call *call)
{
	return with_cookie(call, "", 0, 0);
}
