#include "db/chat/accounts.h"
#include "db/chat/notify.h"

#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "api/handlers/idempotency_request.h"
#include "api/handlers/rates.h"
#include "db/base/settings.h"
#include "api/http/uri.h"
#include "db/rows/json.h"
#include "db/text/text.h"
#include "db/rows/users.h"

/* A field that was not sent is zero. */
struct notification_body {
	const char *type;
	const char *text;
	json_t *target;
	const char *parent_id;
	json_t *payload;
	const char *actor;
};

struct target_body {
	const char *kind;
	const char *id;
};

static const char *
check_type(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(text);

	return len >= 1 && len <= NOTIFICATION_TYPE_MAX &&
		strspn(text, allowed) == len ?
	    NULL :
	    "must be 1 to 40 of a-z, 0-9, '.', '_' and '-'";
}

#define AT(member) offsetof(struct notification_body, member)
static const struct field fields[] = {
	{ "type", FIELD_TEXT, FIELD_REQUIRED, AT(type), check_type, 0, 0 },
	{ "text", FIELD_LINES, FIELD_REQUIRED, AT(text),
	    text_check_notification, 0, 0 },
	{ "target", FIELD_OBJECT, FIELD_OPTIONAL, AT(target), NULL, 0, 0 },
	{ "parent_id", FIELD_TEXT, FIELD_OPTIONAL, AT(parent_id),
	    text_check_reference, 0, 0 },
	{ "payload", FIELD_OBJECT, FIELD_OPTIONAL, AT(payload), NULL, 0, 0 },
	{ "actor", FIELD_TEXT, FIELD_OPTIONAL, AT(actor), text_check_reference,
	    0, 0 },
};
/* A person's own notification names no actor: the caller is known. */
enum {
	N_OF_SERVICE = sizeof(fields) / sizeof(fields[0]),
	N_OF_PERSON = N_OF_SERVICE - 1
};

#define IN(member) offsetof(struct target_body, member)
static const struct field target_fields[] = {
	{ "kind", FIELD_TEXT, FIELD_REQUIRED, IN(kind), check_type, 0, 0 },
	{ "id", FIELD_TEXT, FIELD_REQUIRED, IN(id), text_check_reference, 0,
	    0 },
};

/* A notification to be stored; ACT borrows from the call and PAYLOAD. */
struct telling {
	struct call *call;
	/* Puts the recipient into ACT; OWN: the actor is the recipient. */
	enum db_rc (*find)(struct db *, struct telling *);
	struct act act;
	struct buf payload;
	struct idempotency_request repeat;
	int own;
	int again; /* a repeat: nothing is written */
	struct buf json;
	struct told told;
	enum problem why;
};

static int
take_target(json_t *target, struct occasion *o, struct reply *reply)
{
	struct target_body b = { "", "" };

	if (target != NULL && !body_take(target, target_fields, 2, &b, reply))
		return 0;
	o->target_kind = b.kind;
	o->target_id = b.id;
	return 1;
}

/* Checks the body of N fields.  1, or 0: REPLY says what is wrong. */
static int
take_act(struct telling *t, size_t n, struct reply *reply)
{
	struct notification_body b = { .parent_id = "", .actor = t->act.actor };
	struct act *act = &t->act;

	if (!body_take(t->call->body, fields, n, &b, reply) ||
	    !take_target(b.target, &act->occasion, reply))
		return 0;
	act->occasion.type = b.type;
	act->text = b.text;
	act->parent_id = b.parent_id;
	act->actor = b.actor;
	json_put(b.payload != NULL ? json_incref(b.payload) : json_object(),
	    &t->payload);
	act->payload = buf_str(&t->payload);
	if (t->payload.len <= NOTIFICATION_PAYLOAD_MAX)
		return 1;
	*reply = reply_field("payload", "must be at most 4096 bytes");
	return 0;
}

/* Each recipient, WHOM, has Idempotency-Keys of their own. */
static int
take_key(struct telling *t, const char *whom, struct reply *reply)
{
	struct buf route = BUF_INIT;
	int ok;

	buf_adds(&route, "notifications ");
	buf_adds(&route, whom);
	ok = idempotency_request_read(
	    t->call, buf_str(&route), &t->repeat, reply);
	buf_done(&route);
	return ok;
}

static enum db_rc
store_new(struct db *db, struct telling *t)
{
	enum db_rc rc = t->find(db, t);

	if (rc == DB_OK && t->own) {
		buf_adds(&t->json, "null");
		return DB_OK;
	}
	if (rc == DB_OK)
		rc = notify_tell(db, &t->act,
		    t->call->settings->notifications_keep, &t->json, &t->told);
	if (rc == DB_OK)
		rc = idempotency_request_keep(
		    db, &t->repeat, t->act.user, t->told.id.n);
	return rc;
}

/* DB_OK: a repeat, and T holds the answer; DB_NONE: it is new. */
static enum db_rc
find_told(struct db *db, struct telling *t)
{
	struct idempotency_made made;
	enum db_rc rc =
	    idempotency_request_find(db, &t->repeat, &made, &t->why);

	if (rc != DB_OK)
		return rc;
	t->again = 1;
	rc = notifications_add_json(
	    db, (struct notification_id){ made.id }, t->act.actor, &t->json);
	if (rc != DB_NONE)
		return rc;
	buf_adds(&t->json, "null");
	return DB_OK;
}

static enum db_rc
look(struct db *db, void *arg)
{
	enum db_rc rc = find_told(db, arg);

	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
store(struct db *db, void *arg)
{
	struct telling *t = arg;
	enum db_rc rc = find_told(db, t);

	return rc == DB_NONE ? store_new(db, t) : rc;
}

/* {"notification":…}: null if the actor is the recipient, or if it is gone. */
static struct reply
tell(struct telling *t, const char *whom, size_t n_fields)
{
	struct reply reply;
	enum db_rc rc;

	if (take_act(t, n_fields, &reply) && take_key(t, whom, &reply)) {
		t->told.as = TOLD_BEFORE;
		buf_adds(&t->json, "{\"notification\":");
		rc = t->repeat.asked ? db_read(t->call->db, look, t) : DB_OK;
		if (rc == DB_OK && !t->again)
			rc = access_write(t->call, store, t, &t->why);
		buf_addc(&t->json, '}');
		reply = reply_json(t->told.as == TOLD_NEW ? 201 : 200);
		reply.body = t->json;
		reply = reply_if(rc, reply, t->why);
	}
	buf_done(&t->payload);
	return reply;
}

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

/* The chatter of the path. */
static enum db_rc
find_chatter(struct db *db, const struct call *call, struct chatter *c)
{
	return chatters_by_name(
	    db, call->room.id, call->params[PARAM_CHATTER], c);
}

/*
 * The same for a recipient: also checks that the room is open and both are in
 * it.
 */
static enum db_rc
find_recipient(struct db *db, const struct call *call, struct chatter *c,
    enum problem *why)
{
	enum db_rc rc = rooms_expired(&call->room) ?
	    refuse(why, PROBLEM_ROOM_EXPIRED) :
	    find_chatter(db, call, c);

	return rc == DB_OK && c->left ? DB_NONE : rc;
}

static enum db_rc
find_member(struct db *db, struct telling *t)
{
	struct chatter to;
	enum db_rc rc = find_recipient(db, t->call, &to, &t->why);

	if (rc == DB_OK) {
		t->act.user = to.user;
		t->own = to.user.n == t->call->user.n;
	}
	if (rc == DB_OK && !t->own)
		rc = rates_take(db, t->call, RATE_LIMIT_NOTIFICATIONS, &t->why);
	return rc;
}

struct reply
notifications_to_chatter(struct call *call)
{
	struct telling t = { .call = call, .find = find_member };

	if (!call->settings->user_notifications)
		return reply_problem(PROBLEM_SERVICES_NOTIFY);
	t.act.actor = call->me.name.s;
	t.act.occasion.room = call->room.name.s;
	return tell(&t, call->params[PARAM_CHATTER], N_OF_PERSON);
}

/* USER as the embedding site's subject; NULL: USER may be an id of ours. */
static const char *
subject_of(const char *user)
{
	static const char mark[] = "sub:";
	size_t n = sizeof(mark) - 1;

	if (strncmp(user, mark, n) != 0)
		return NULL;
	return text_check_reference(user + n) == NULL ? user + n : NULL;
}

/* Whether the ACTOR that a service names is USER. */
static enum db_rc
is_user(struct db *db, const char *actor, struct user_id user, int *is)
{
	const char *subject = subject_of(actor);
	struct user_id named = { 0 }, met = { 0 };
	enum db_rc rc = users_by_name(db, actor, &named);

	if (rc == DB_OK || rc == DB_NONE)
		rc = users_by_subject(
		    db, subject != NULL ? subject : actor, &met);
	*is = named.n == user.n || met.n == user.n;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
find_user(struct db *db, struct telling *t)
{
	const char *user = t->call->params[PARAM_USER];
	const char *subject = subject_of(user);
	enum db_rc rc;

	rc = subject != NULL ? accounts_meet(db, subject, &t->act.user) :
			       users_by_name(db, user, &t->act.user);
	if (rc == DB_OK && t->act.actor != NULL)
		rc = is_user(db, t->act.actor, t->act.user, &t->own);
	return rc;
}

struct reply
notifications_to_user(struct call *call)
{
	struct telling t = { .call = call, .find = find_user };

	t.act.occasion.room = "";
	return tell(&t, call->params[PARAM_USER], N_OF_SERVICE);
}

/*
 * The notifications to withdraw, as the query names them; TEXTS hold its
 * parameters.
 */
struct withdrawal {
	struct call *call;
	struct buf texts[4];
	struct occasion occasion;
	const char *actor; /* NULL: any */
	enum problem why;
};

enum { TEXT_TYPE, TEXT_KIND, TEXT_ID, TEXT_ACTOR };

/* 1; 0: the query must name one occasion, and at most one actor. */
static int
take_occasion(struct withdrawal *w)
{
	static const char *const names[] = { "type", "target_kind",
		"target_id" };
	struct buf *actor = &w->texts[TEXT_ACTOR];
	enum uri_rc rc = uri_param(w->call->query, "actor", actor);

	for (int i = 0; i <= TEXT_ID; i++)
		if (uri_param(w->call->query, names[i], &w->texts[i]) !=
			URI_OK ||
		    w->texts[i].len == 0)
			return 0;
	if (rc == URI_BAD || (rc == URI_OK && actor->len == 0))
		return 0;
	/* A person's own name counts, whatever the query says. */
	if (rc == URI_OK && w->actor == NULL)
		w->actor = buf_str(actor);
	w->occasion.type = buf_str(&w->texts[TEXT_TYPE]);
	w->occasion.target_kind = buf_str(&w->texts[TEXT_KIND]);
	w->occasion.target_id = buf_str(&w->texts[TEXT_ID]);
	return 1;
}

static struct reply
withdraw(struct withdrawal *w, db_fn fn)
{
	enum db_rc rc = DB_CONFLICT;

	w->why = PROBLEM_MALFORMED_REQUEST;
	if (take_occasion(w)) {
		w->why = PROBLEM_NONE;
		rc = access_write(w->call, fn, w, &w->why);
	}
	for (size_t i = 0; i < sizeof(w->texts) / sizeof(w->texts[0]); i++)
		buf_done(&w->texts[i]);
	return rc == DB_OK ? reply_empty(204) : reply_db(rc, w->why);
}

static enum db_rc
withdraw_from_chatter(struct db *db, void *arg)
{
	struct withdrawal *w = arg;
	struct chatter from;
	enum db_rc rc = find_chatter(db, w->call, &from);

	return rc == DB_OK ?
	    notify_withdraw(db, from.user, &w->occasion, w->actor) :
	    rc;
}

struct reply
notifications_from_chatter(struct call *call)
{
	struct withdrawal w = { .call = call, .actor = call->me.name.s };

	w.occasion.room = call->room.name.s;
	return withdraw(&w, withdraw_from_chatter);
}

/* A user who is not known yet has nothing to withdraw. */
static enum db_rc
withdraw_from_user(struct db *db, void *arg)
{
	struct withdrawal *w = arg;
	const char *name = w->call->params[PARAM_USER];
	const char *subject = subject_of(name);
	struct user_id user;
	enum db_rc rc;

	rc = subject != NULL ? users_by_subject(db, subject, &user) :
			       users_by_name(db, name, &user);
	if (rc == DB_OK)
		rc = notify_withdraw(db, user, &w->occasion, w->actor);
	return rc == DB_NONE && subject != NULL ? DB_OK : rc;
}

struct reply
notifications_from_user(struct call *call)
{
	struct withdrawal w = { .call = call };

	w.occasion.room = "";
	return withdraw(&w, withdraw_from_user);
}
