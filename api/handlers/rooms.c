#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "api/http/mount.h"
#include "api/handlers/idempotency_request.h"
#include "api/handlers/rates.h"
#include "db/base/must.h"
#include "db/base/settings.h"
#include "api/http/uri.h"
#include "db/chat/room_change.h"
#include "db/chat/room_end.h"
#include "db/rows/keys.h"
#include "db/chat/passwords.h"
#include "db/chat/room_check.h"
#include "db/text/names.h"
#include "db/rows/users.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 200, AS_IT_IS = -1 };

/* The body of POST and PATCH. */
struct room_body {
	const char *id;
	const char *namespace;
	const char *title;
	const char *password; /* "": none */
	const char *notices;
	const char *post;
	int64_t capacity, grace, expires, listed, slow;
};

#define AT(member) offsetof(struct room_body, member)
/* Only a new room takes the first two. */
static const struct field fields[] = {
	{ "id", FIELD_TEXT, FIELD_OPTIONAL, AT(id), room_check_id, 0, 0 },
	{ "namespace", FIELD_TEXT, FIELD_OPTIONAL, AT(namespace),
	    room_check_namespace, 0, 0 },
	{ "title", FIELD_NAME, FIELD_OPTIONAL, AT(title), names_check_title, 0,
	    0 },
	{ "capacity", FIELD_NUMBER, FIELD_OPTIONAL, AT(capacity), NULL, 1,
	    ROOM_CAPACITY_MAX },
	{ "grace_ms", FIELD_NUMBER, FIELD_OPTIONAL, AT(grace), NULL, 0,
	    ROOM_GRACE_MAX },
	{ "expires_at", FIELD_TIME, FIELD_OPTIONAL, AT(expires), NULL, 0, 0 },
	{ "listed", FIELD_BOOL, FIELD_OPTIONAL, AT(listed), NULL, 0, 0 },
	{ "password", FIELD_TEXT_OR_NULL, FIELD_OPTIONAL, AT(password),
	    passwords_check, 0, 0 },
	{ "notices", FIELD_TEXT, FIELD_OPTIONAL, AT(notices),
	    room_check_notices, 0, 0 },
	{ "post", FIELD_TEXT, FIELD_OPTIONAL, AT(post), room_check_posting, 0,
	    0 },
	{ "slow_ms", FIELD_NUMBER, FIELD_OPTIONAL, AT(slow), NULL, 0,
	    ROOM_SLOW_MAX },
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]), ONLY_MADE = 2 };

/*
 * Reads the fields common to POST and PATCH from B; the password's hash goes to
 * HASH.
 */
static enum db_rc
draft(const struct room_body *b, struct buf *hash, struct room_draft *d)
{
	enum notices notices;
	enum posting post;
	enum db_rc rc;

	*d = (struct room_draft){ .title = b->title,
		.capacity = b->capacity,
		.grace = b->grace,
		.expires = b->expires,
		.slow = b->slow,
		.listed = (int)b->listed,
		.notices = AS_IT_IS,
		.post = AS_IT_IS,
		.password = b->password };
	if (b->notices != NULL) {
		must(rooms_read_notices(b->notices, &notices) == 0);
		d->notices = (int)notices;
	}
	if (b->post != NULL) {
		must(rooms_read_posting(b->post, &post) == 0);
		d->post = (int)post;
	}
	if (b->password == NULL || *b->password == '\0')
		return DB_OK;
	rc = passwords_hash(b->password, hash);
	d->password = buf_str(hash);
	return rc;
}

struct making {
	struct call *call;
	struct room_draft draft;
	struct idempotency_request repeat;
	struct room room;
	struct buf json;
	struct token token;
	int has_password;
	int again; /* a repeat: nothing is written */
	int made; /* by this call */
	enum problem why;
};

/* Calls ASK for the room, and for the user that is created with it. */
static enum db_rc
ask_rates(struct db *db, struct making *m, rates_fn ask)
{
	enum db_rc rc = DB_OK;

	if (!m->call->known)
		rc = ask(db, m->call, RATE_LIMIT_PEOPLE, &m->why);
	if (rc == DB_OK && !(m->call->scopes & KEY_ROOMS))
		rc = ask(db, m->call, RATE_LIMIT_ROOMS, &m->why);
	return rc;
}

/* DB_OK: a repeat, and M holds the answer; DB_NONE: the room is new. */
static enum db_rc
find_made(struct db *db, struct making *m)
{
	struct idempotency_made made;
	enum db_rc rc =
	    idempotency_request_find(db, &m->repeat, &made, &m->why);

	if (rc != DB_OK)
		return rc;
	rc = rooms_get(db, (struct room_id){ made.id }, &m->room);
	if (rc == DB_OK && !m->call->known)
		rc = idempotency_request_repeat_token(
		    db, &m->repeat, &made, &m->token);
	if (rc == DB_OK)
		rc = rooms_add_json(db, m->room.id, &m->json);
	if (rc != DB_NONE)
		return rc;
	/* The room has been deleted since. */
	m->why = PROBLEM_NOT_FOUND;
	return DB_CONFLICT;
}

/* Hashing a password is slow, so this first looks whether a hash is needed. */
static enum db_rc
look(struct db *db, void *arg)
{
	struct making *m = arg;
	enum db_rc rc = find_made(db, m);

	if (rc == DB_NONE && m->has_password)
		rc = ask_rates(db, m, rates_peek);
	else if (rc == DB_OK)
		m->again = 1;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
make_new(struct db *db, struct making *m)
{
	enum db_rc rc = ask_rates(db, m, rates_take);

	m->made = 1;
	if (rc == DB_OK && !m->call->known)
		rc = idempotency_request_make_person(
		    db, &m->repeat, &m->draft.owner, &m->token);
	if (rc != DB_OK)
		return rc;
	rc = rooms_make(db, &m->draft, &m->room);
	if (rc == DB_CONFLICT)
		m->why = PROBLEM_ROOM_EXISTS;
	if (rc == DB_OK)
		rc = idempotency_request_keep(
		    db, &m->repeat, m->draft.owner, m->room.id.n);
	return rc;
}

static enum db_rc
make(struct db *db, void *arg)
{
	struct making *m = arg;
	enum db_rc rc = find_made(db, m);

	if (rc != DB_NONE)
		return rc;
	rc = make_new(db, m);
	return rc == DB_OK ? rooms_add_json(db, m->room.id, &m->json) : rc;
}

static struct reply
answer_made(struct making *m)
{
	struct reply reply = reply_json(201);
	enum db_rc rc =
	    m->again ? DB_OK : access_write(m->call, make, m, &m->why);

	buf_adds(&reply.body, "{\"room\":");
	buf_add(&reply.body, m->json.p, m->json.len);
	buf_done(&m->json);
	if (!m->call->known)
		buf_addf(&reply.body, ",\"token\":\"%s\"", m->token.s);
	buf_addc(&reply.body, '}');
	/* Apache treats a Location with status 200 as an internal redirect. */
	if (m->made)
		buf_addf(
		    &reply.location, MOUNT_PREFIX "/rooms/%s", m->room.name.s);
	else
		reply.status = 200;
	return reply_if(rc, reply, m->why);
}

struct reply
rooms_post(struct call *call)
{
	const struct settings *s = call->settings;
	struct room_body b = { .namespace = room_check_main,
		.notices = "all",
		.post = "members",
		.capacity = s->room_capacity,
		.grace = s->room_grace_ms,
		.listed = ROOM_LISTED };
	struct making m = { .call = call };
	struct buf hash = BUF_INIT;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, fields, N_FIELDS, &b, &reply) ||
	    !idempotency_request_read(call, "rooms", &m.repeat, &reply))
		return reply;
	m.has_password = b.password != NULL;
	rc = m.repeat.asked || m.has_password ? db_read(call->db, look, &m) :
						DB_OK;
	if (rc == DB_OK && !m.again)
		rc = draft(&b, &hash, &m.draft);
	m.draft.namespace = b.namespace;
	m.draft.owner = call->user;
	if (b.id != NULL)
		must(ids_read_room(b.id, &m.draft.name) == 0);
	else
		ids_make_room(&m.draft.name);
	reply = rc == DB_OK ? answer_made(&m) : reply_db(rc, m.why);
	buf_done(&hash);
	return reply;
}

struct reply
rooms_list(struct call *call)
{
	struct buf namespace = BUF_INIT, after = BUF_INIT;
	struct reply reply = reply_json(200);
	int64_t limit = LIST_DEFAULT;
	enum db_rc rc = DB_CONFLICT;
	int more;

	if (call_number(call, "limit", 1, LIST_MAX, &limit) == 0 &&
	    uri_param(call->query, "namespace", &namespace) != URI_BAD &&
	    uri_param(call->query, "after", &after) != URI_BAD) {
		buf_adds(&reply.body, "{\"rooms\":[");
		rc = rooms_add_list(call->db,
		    namespace.len > 0 ? buf_str(&namespace) : room_check_main,
		    after.len > 0 ? buf_str(&after) : NULL, (int)limit,
		    &reply.body, &more);
		buf_addf(
		    &reply.body, "],\"has_more\":%s}", more ? "true" : "false");
	}
	buf_done(&namespace);
	buf_done(&after);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}

struct reading {
	struct call *call;
	struct buf *to;
};

static enum db_rc
read_one(struct db *db, void *arg)
{
	struct reading *r = arg;
	struct log_state log;
	enum db_rc rc;

	rc = events_state(db, &log);
	buf_adds(r->to, "{\"room\":");
	if (rc == DB_OK)
		rc = rooms_add_json(db, r->call->room.id, r->to);
	buf_adds(r->to, ",\"cursor\":");
	if (rc == DB_OK)
		call_add_cursor(r->to, &log);
	buf_addc(r->to, '}');
	return rc;
}

struct reply
rooms_read(struct call *call)
{
	struct reply reply = reply_json(200);
	struct reading r = { call, &reply.body };
	enum db_rc rc = db_read(call->db, read_one, &r);

	return reply_if(rc, reply, PROBLEM_NONE);
}

struct changing {
	struct call *call;
	struct room_draft draft;
	struct buf *json;
};

static enum db_rc
change(struct db *db, void *arg)
{
	struct changing *c = arg;
	struct room *room = &c->call->room;
	enum db_rc rc = room_change(db, room, &c->draft);

	return rc == DB_OK ? rooms_add_json(db, room->id, c->json) : rc;
}

struct reply
rooms_patch(struct call *call)
{
	struct room_body b = { .capacity = AS_IT_IS,
		.grace = AS_IT_IS,
		.expires = AS_IT_IS,
		.listed = AS_IT_IS,
		.slow = AS_IT_IS };
	struct changing c = { .call = call };
	enum problem why = PROBLEM_NONE;
	struct buf hash = BUF_INIT;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, fields + ONLY_MADE, N_FIELDS - ONLY_MADE, &b,
		&reply))
		return reply;
	rc = draft(&b, &hash, &c.draft);
	reply = reply_json(200);
	c.json = &reply.body;
	buf_adds(&reply.body, "{\"room\":");
	if (rc == DB_OK)
		rc = access_write(call, change, &c, &why);
	buf_addc(&reply.body, '}');
	buf_done(&hash);
	return reply_if(rc, reply, why);
}

static enum db_rc
remove_room(struct db *db, void *arg)
{
	const struct call *call = arg;

	return room_end_delete(db, &call->room);
}

struct reply
rooms_remove(struct call *call)
{
	enum problem why = PROBLEM_NONE;
	enum db_rc rc = access_write(call, remove_room, call, &why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, why);
}
