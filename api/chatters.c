#include "api/body.h"
#include "api/call.h"
#include "db/base/settings.h"
#include "db/base/uri.h"
#include "db/messages.h"
#include "db/presence.h"
#include "db/text.h"
#include "db/users.h"

enum { PICTURE_CHATTERS = 200, PICTURE_MESSAGES = 50, LIST_MAX = 500 };

/* What join rows are called; a stream or poll takes their place. */
static const char join_conn[] = "join";

struct nickname_body {
	const char *nickname;
};

static const struct field nickname_fields[] = {
	{ "nickname", FIELD_TEXT, FIELD_OPTIONAL,
	    offsetof(struct nickname_body, nickname), text_check_nickname, 0,
	    0 },
};

/*
 * The nickname that was sent in NFC, or none.  1, or 0: REPLY says why not.
 */
static int
take_nickname(
    const struct call *call, struct buf *nickname, struct reply *reply)
{
	struct nickname_body b = { NULL };

	if (!body_take(call, nickname_fields, 1, &b, reply))
		return 0;
	if (b.nickname != NULL)
		text_add_nfc(b.nickname, nickname);
	return 1;
}

struct joining {
	struct call *call;
	const char *nickname; /* NULL: none was sent */
	struct user_id user;
	struct token token;
	struct chatter chatter;
	int made;
	enum problem why;
};

static enum db_rc
join(struct db *db, void *arg)
{
	struct joining *j = arg;
	struct call *call = j->call;
	struct entry entry = { .transport = TRANSPORT_JOIN,
		.conn = join_conn,
		.lease_ms = call->api->settings->join_lease_ms };
	struct newcomer who = { .nickname = j->nickname,
		.usual = call->caller.claims.nickname,
		.language = call->request->accept_language };
	struct presence_id presence;
	struct room room;
	enum db_rc rc;

	if (*who.usual == '\0')
		who.usual = NULL;
	rc = rooms_get(db, call->room.id, &room);
	if (rc == DB_OK && !call->known)
		rc = users_make(db, &j->user, &j->token);
	if (rc == DB_OK)
		who.user = j->user;
	if (rc == DB_OK)
		rc = chatters_seat(
		    db, &room, &who, &j->chatter, &j->made, &j->why);
	if (rc == DB_OK)
		rc = presence_enter(
		    db, &room, &j->chatter, &entry, &presence, &j->why);
	return rc;
}

struct picture {
	struct joining *joining;
	struct buf *to;
};

/* All of it is of one moment, and its cursor is that moment's. */
static enum db_rc
draw(struct db *db, void *arg)
{
	struct picture *p = arg;
	struct page page = { PAGE_NEWEST, { 0 }, PICTURE_MESSAGES };
	struct room_id room = p->joining->chatter.room;
	struct log_state log;
	enum db_rc rc;
	int more;

	rc = events_state(db, &log);
	buf_adds(p->to, "{\"chatter\":");
	if (rc == DB_OK)
		rc = chatters_add_json(db, p->joining->chatter.id, p->to);
	buf_adds(p->to, ",\"room\":");
	if (rc == DB_OK)
		rc = rooms_add_json(db, room, p->to);
	buf_adds(p->to, ",\"chatters\":[");
	if (rc == DB_OK)
		rc = chatters_add_online(db, room, (struct chatter_id){ 0 },
		    PICTURE_CHATTERS, p->to, &more);
	buf_adds(p->to, "],\"messages\":[");
	if (rc == DB_OK)
		rc = messages_add_page(db, room, &page, p->to, &more);
	buf_adds(p->to, "],\"cursor\":");
	if (rc == DB_OK)
		call_add_cursor(p->to, &log);
	return rc;
}

struct reply
chatters_join(struct call *call)
{
	struct joining j = { .call = call, .user = call->user };
	struct buf nickname = BUF_INIT;
	struct picture picture;
	struct reply reply;
	enum db_rc rc;

	if (!take_nickname(call, &nickname, &reply)) {
		buf_done(&nickname);
		return reply;
	}
	j.nickname = nickname.len > 0 ? buf_str(&nickname) : NULL;
	rc = db_write(call->db, join, &j);
	buf_done(&nickname);
	if (rc != DB_OK)
		return reply_db(rc, j.why);
	reply = reply_json(j.made ? 201 : 200);
	picture = (struct picture){ &j, &reply.body };
	rc = db_read(call->db, draw, &picture);
	if (!call->known)
		buf_addf(&reply.body, ",\"token\":\"%s\"", j.token.s);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, PROBLEM_NONE);
}

struct listing {
	struct call *call;
	const char *after;
	int limit;
	struct buf *to;
};

static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	struct chatter after = { .id = { 0 } };
	struct log_state log;
	struct room room = { .id = l->call->room.id };
	enum db_rc rc;
	int more;

	rc = events_state(db, &log);
	if (rc == DB_OK)
		rc = rooms_get(db, room.id, &room);
	if (rc == DB_OK && l->after != NULL)
		rc = chatters_by_name(db, room.id, l->after, &after);
	if (rc != DB_OK)
		return rc;
	buf_adds(l->to, "{\"chatters\":[");
	rc = chatters_add_online(db, room.id, after.id, l->limit, l->to, &more);
	buf_addf(l->to, "],\"count\":%lld,\"has_more\":%s,\"cursor\":",
	    (long long)room.online, more ? "true" : "false");
	call_add_cursor(l->to, &log);
	buf_addc(l->to, '}');
	return rc;
}

struct reply
chatters_list(struct call *call)
{
	struct buf after = BUF_INIT;
	struct reply reply = reply_json(200);
	struct listing l = { .call = call, .to = &reply.body };
	int64_t limit = PICTURE_CHATTERS;
	enum db_rc rc = DB_CONFLICT;

	if (call_number(call, "limit", 1, LIST_MAX, &limit) == 0 &&
	    uri_param(call->query, "after", &after) != URI_BAD) {
		l.after = after.len > 0 ? buf_str(&after) : NULL;
		l.limit = (int)limit;
		rc = db_read(call->db, list, &l);
	}
	buf_done(&after);
	return reply_if(rc, reply, PROBLEM_MALFORMED_REQUEST);
}

static enum db_rc
tell(struct db *db, void *arg)
{
	struct call *call = arg;
	struct room room;
	enum db_rc rc = rooms_get(db, call->room.id, &room);

	return rc == DB_OK ? chatters_announce(db, &room) : rc;
}

struct reply
chatters_tell(struct call *call)
{
	struct reply reply;
	enum db_rc rc;

	if (room_expired(&call->room))
		return reply_problem(PROBLEM_ROOM_EXPIRED);
	rc = db_write(call->db, tell, call);
	if (rc != DB_OK)
		return reply_db(rc, PROBLEM_NONE);
	reply = reply_json(202);
	buf_adds(&reply.body, "{}");
	return reply;
}

/* The chatter of the path, who has not left; else why it cannot be had. */
static enum db_rc
named(struct call *call, struct chatter *c)
{
	enum db_rc rc = chatters_by_name(
	    call->db, call->room.id, call->params[PARAM_CHATTER], c);

	return rc == DB_OK && c->left ? DB_NONE : rc;
}

/* {"chatter":{…}} with REST before the inner object's last brace. */
static struct reply
show(struct call *call, struct chatter_id id, const char *rest)
{
	struct reply reply = reply_json(200);
	enum db_rc rc;

	buf_adds(&reply.body, "{\"chatter\":");
	rc = chatters_add_json(call->db, id, &reply.body);
	reply.body.len--;
	buf_adds(&reply.body, rest);
	buf_adds(&reply.body, "}}");
	return reply_if(rc, reply, PROBLEM_NONE);
}

struct reply
chatters_read(struct call *call)
{
	struct chatter c;
	enum db_rc rc = named(call, &c);

	if (rc == DB_OK)
		rc = presence_online(call->db, c.id);
	else
		return reply_db(rc, PROBLEM_NONE);
	if (rc != DB_OK && rc != DB_NONE)
		return reply_db(rc, PROBLEM_NONE);
	return show(
	    call, c.id, rc == DB_OK ? ",\"online\":true" : ",\"online\":false");
}

struct renaming {
	struct call *call;
	const char *nickname;
	enum problem why;
};

static enum db_rc
rename_me(struct db *db, void *arg)
{
	struct renaming *r = arg;
	struct room room;
	enum db_rc rc = rooms_get(db, r->call->room.id, &room);

	if (rc == DB_OK)
		rc = chatters_rename(
		    db, &room, &r->call->me, r->nickname, &r->why);
	return rc;
}

struct reply
chatters_patch(struct call *call)
{
	struct renaming r = { .call = call };
	struct buf nickname = BUF_INIT;
	struct reply reply;
	struct chatter c;
	enum db_rc rc = named(call, &c);

	if (rc != DB_OK)
		return reply_db(rc, PROBLEM_NONE);
	if (c.id.n != call->me.id.n)
		return reply_problem(PROBLEM_FORBIDDEN);
	if (!take_nickname(call, &nickname, &reply))
		goto out;
	if (nickname.len == 0) {
		reply = reply_field("nickname", "is required");
		goto out;
	}
	r.nickname = buf_str(&nickname);
	rc = db_write(call->db, rename_me, &r);
	reply = rc == DB_OK ? show(call, c.id, "") : reply_db(rc, r.why);
out:
	buf_done(&nickname);
	return reply;
}

struct leaving {
	struct call *call;
	struct chatter chatter;
	enum leave_reason reason;
};

static enum db_rc
leave(struct db *db, void *arg)
{
	struct leaving *l = arg;
	struct room room;
	enum db_rc rc = rooms_get(db, l->call->room.id, &room);

	if (rc == DB_OK)
		rc = chatters_get(db, l->chatter.id, &l->chatter);
	if (rc == DB_OK && !l->chatter.left)
		rc = presence_leave(db, &room, &l->chatter, l->reason);
	return rc;
}

struct reply
chatters_leave(struct call *call)
{
	struct leaving l = { .call = call, .reason = LEAVE_LEFT };
	enum db_rc rc = named(call, &l.chatter);

	if (rc != DB_OK)
		return reply_db(rc, PROBLEM_NONE);
	if (l.chatter.id.n != call->me.id.n) {
		if (call->me.role == ROLE_MEMBER ||
		    l.chatter.role == ROLE_OWNER)
			return reply_problem(PROBLEM_FORBIDDEN);
		l.reason = LEAVE_REMOVED;
	}
	rc = db_write(call->db, leave, &l);
	return rc == DB_OK ? reply_empty(204) : reply_db(rc, PROBLEM_NONE);
}
