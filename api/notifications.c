#include "db/notifications.h"

#include "api/body.h"
#include "api/call.h"
#include "db/base/settings.h"
#include "db/base/uri.h"
#include "db/json.h"
#include "db/text.h"

/* Zeroed where nothing was sent. */
struct notification_body {
	const char *type;
	const char *text;
	json_t *target;
	const char *parent_id;
	json_t *payload;
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
	{ "text", FIELD_TEXT, FIELD_REQUIRED, AT(text), text_check_notification,
	    0, 0 },
	{ "target", FIELD_OBJECT, FIELD_OPTIONAL, AT(target), NULL, 0, 0 },
	{ "parent_id", FIELD_TEXT, FIELD_OPTIONAL, AT(parent_id),
	    text_check_reference, 0, 0 },
	{ "payload", FIELD_OBJECT, FIELD_OPTIONAL, AT(payload), NULL, 0, 0 },
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

#define IN(member) offsetof(struct target_body, member)
static const struct field target_fields[] = {
	{ "kind", FIELD_TEXT, FIELD_REQUIRED, IN(kind), check_type, 0, 0 },
	{ "id", FIELD_TEXT, FIELD_REQUIRED, IN(id), text_check_reference, 0,
	    0 },
};

/* An act on its way into the store; ACT lends from the call and PAYLOAD. */
struct telling {
	struct call *call;
	struct act act;
	struct buf payload;
	struct buf *json;
	enum told told;
	enum problem why;
};

static int
take_target(json_t *target, struct occasion *o, struct reply *reply)
{
	struct target_body b = { "", "" };

	if (target != NULL &&
	    !body_take_object(target, target_fields, 2, &b, reply))
		return 0;
	o->target_kind = b.kind;
	o->target_id = b.id;
	return 1;
}

/* 1, or 0: REPLY says what is wrong with the body. */
static int
take_act(struct telling *t, struct reply *reply)
{
	struct notification_body b = { .parent_id = "" };
	struct act *act = &t->act;

	if (!body_take(t->call, fields, N_FIELDS, &b, reply) ||
	    !take_target(b.target, &act->occasion, reply))
		return 0;
	act->occasion.type = b.type;
	act->text = b.text;
	act->parent_id = b.parent_id;
	json_put(b.payload != NULL ? json_incref(b.payload) : json_object(),
	    &t->payload);
	act->payload = buf_str(&t->payload);
	if (t->payload.len <= NOTIFICATION_PAYLOAD_MAX)
		return 1;
	*reply = reply_field("payload", "must be at most 4096 bytes");
	return 0;
}

/* {"notification":…}, null for what one did to oneself. */
static struct reply
tell(struct telling *t, db_fn fn)
{
	struct reply reply;
	enum db_rc rc;

	if (!take_act(t, &reply)) {
		buf_done(&t->payload);
		return reply;
	}
	reply = reply_json(201);
	t->json = &reply.body;
	t->told = TOLD_BEFORE;
	buf_adds(&reply.body, "{\"notification\":");
	rc = db_write(t->call->db, fn, t);
	buf_done(&t->payload);
	buf_addc(&reply.body, '}');
	if (t->told == TOLD_BEFORE)
		reply.status = 200;
	return reply_if(rc, reply, t->why);
}

/* Whom the path names, if the caller is in the room still. */
static enum db_rc
find_chatter(
    struct db *db, struct call *call, struct chatter *c, enum problem *why)
{
	struct chatter me;
	enum db_rc rc = chatters_get(db, call->me.id, &me);

	if (rc == DB_OK && me.left) {
		*why = PROBLEM_NOT_IN_ROOM;
		return DB_CONFLICT;
	}
	if (rc == DB_OK)
		rc = chatters_by_name(
		    db, call->room.id, call->params[PARAM_CHATTER], c);
	return rc;
}

/* The same for who is to hear something new: the room is open, both are in. */
static enum db_rc
find_hearer(
    struct db *db, struct call *call, struct chatter *c, enum problem *why)
{
	struct room room;
	enum db_rc rc = rooms_get(db, call->room.id, &room);

	if (rc == DB_OK && room_expired(&room)) {
		*why = PROBLEM_ROOM_EXPIRED;
		return DB_CONFLICT;
	}
	if (rc == DB_OK)
		rc = find_chatter(db, call, c, why);
	return rc == DB_OK && c->left ? DB_NONE : rc;
}

static enum db_rc
tell_chatter(struct db *db, void *arg)
{
	struct telling *t = arg;
	struct call *call = t->call;
	struct chatter to;
	enum db_rc rc = find_hearer(db, call, &to, &t->why);

	if (rc != DB_OK)
		return rc;
	if (to.user.n == call->user.n) {
		buf_adds(t->json, "null");
		return DB_OK;
	}
	t->act.user = to.user;
	return notifications_tell(db, &t->act,
	    call->api->settings->notifications_keep, t->json, &t->told);
}

struct reply
notifications_to_chatter(struct call *call)
{
	struct telling t = { .call = call };

	if (!call->api->settings->user_notifications)
		return reply_problem(PROBLEM_FORBIDDEN);
	t.act.actor = call->me.name.s;
	t.act.occasion.room = call->room.name.s;
	return tell(&t, tell_chatter);
}

/* What a query names to be withdrawn; TEXTS hold it. */
struct withdrawal {
	struct call *call;
	struct buf texts[4];
	struct occasion occasion;
	const char *actor; /* NULL: of whomever */
	enum problem why;
};

enum { TEXT_TYPE, TEXT_KIND, TEXT_ID, TEXT_ACTOR };

/* 1, or 0: the query does not name one occasion. */
static int
take_occasion(struct withdrawal *w)
{
	static const char *const names[] = { "type", "target_kind",
		"target_id" };

	for (int i = 0; i <= TEXT_ID; i++)
		if (uri_param(w->call->query, names[i], &w->texts[i]) !=
			URI_OK ||
		    w->texts[i].len == 0)
			return 0;
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
		rc = db_write(w->call->db, fn, w);
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
	enum db_rc rc = find_chatter(db, w->call, &from, &w->why);

	return rc == DB_OK ?
	    notifications_withdraw(db, from.user, &w->occasion, w->actor) :
	    rc;
}

struct reply
notifications_from_chatter(struct call *call)
{
	struct withdrawal w = { .call = call, .actor = call->me.name.s };

	w.occasion.room = call->room.name.s;
	return withdraw(&w, withdraw_from_chatter);
}
