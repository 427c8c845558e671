#include "api/body.h"
#include "api/call.h"
#include "api/once.h"
#include "api/people.h"
#include "api/rates.h"
#include "db/bans.h"
#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/base/settings.h"
#include "db/base/uri.h"
#include "db/catchup.h"
#include "db/messages.h"
#include "db/names.h"
#include "db/passwords.h"
#include "db/presence.h"
#include "db/steady.h"
#include "db/users.h"

enum { PICTURE_MESSAGES = 50 };

/* What join rows are called; a stream or poll takes their place. */
static const char join_conn[] = "join";

struct chatter_body {
	const char *nickname, *password, *role;
};

/* A moderator is made; an owner has made the room. */
static const char *
check_role(const char *text)
{
	enum role role;

	return chatters_read_role(text, &role) == 0 && role != ROLE_OWNER ?
	    NULL :
	    "must be member or moderator";
}

#define AT(member) offsetof(struct chatter_body, member)
/* The first two are of a join, the last two of a change. */
static const struct field fields[] = {
	{ "password", FIELD_TEXT, FIELD_OPTIONAL, AT(password), passwords_check,
	    0, 0 },
	{ "nickname", FIELD_NAME, FIELD_OPTIONAL, AT(nickname),
	    names_check_nickname, 0, 0 },
	{ "role", FIELD_TEXT, FIELD_OPTIONAL, AT(role), check_role, 0, 0 },
};
enum { N_JOIN = 2, N_CHANGE = 2 };

struct joining {
	struct call *call;
	struct newcomer who;
	struct once once;
	struct token token;
	struct chatter chatter;
	struct presence_id presence;
	int made;
	enum problem why;
};

/* As one who came before: nothing changes but that one is here. */
static enum db_rc
come_again(
    struct db *db, struct joining *j, const struct idempotency_made *made)
{
	enum db_rc rc;

	rc = chatters_get(db, (struct chatter_id){ made->id }, &j->chatter);
	if (rc == DB_OK && j->chatter.left)
		return bans_refuse(
		    db, j->chatter.room, j->chatter.user, &j->why);
	if (rc == DB_OK && !j->call->known)
		rc = users_add_token(db, made->user, &j->token);
	return rc;
}

static enum db_rc
come(struct db *db, struct joining *j, const struct room *room)
{
	struct idempotency_made made;
	enum db_rc rc = once_find(db, &j->once, &made, &j->why);

	if (rc == DB_OK)
		rc = come_again(db, j, &made);
	if (rc != DB_NONE)
		return rc;
	rc = DB_OK;
	if (!j->call->known)
		rc = rates_take(db, j->call, BUCKET_PEOPLE, &j->why);
	if (rc == DB_OK && !j->call->known)
		rc = users_make(db, &j->who.user, &j->token);
	if (rc == DB_OK)
		rc = chatters_seat(
		    db, room, &j->who, &j->chatter, &j->made, &j->why);
	if (rc == DB_OK)
		rc = once_keep(db, &j->once, j->who.user, j->chatter.id.n);
	return rc;
}

static enum db_rc
join(struct db *db, void *arg)
{
	struct joining *j = arg;
	struct entry entry = { .transport = TRANSPORT_JOIN,
		.conn = join_conn,
		.lease_ms = j->call->api->settings->join_lease_ms };
	const struct room *room = &j->call->room;
	enum db_rc rc = come(db, j, room);

	return rc == DB_OK ? presence_enter(db, room, &j->chatter, &entry,
				 &j->presence, &j->why) :
			     rc;
}

struct picture {
	struct joining *joining;
	struct buf *to;
	int64_t upto; /* its cursor */
	int lags; /* that counts as heard once it is handed over */
	struct handed *handed;
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
		    PEOPLE_DEFAULT, p->to, &more);
	buf_adds(p->to, "],\"messages\":[");
	if (rc == DB_OK)
		rc = messages_add_page(db, room, &page, p->to, &more);
	buf_adds(p->to, "],\"cursor\":");
	if (rc != DB_OK)
		return rc;
	call_add_cursor(p->to, &log);
	p->upto = log.head;
	rc = hearing_lags(db, p->joining->presence, p->upto);
	p->lags = rc == DB_OK;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
count_as_heard(struct db *db, void *arg)
{
	struct picture *p = arg;
	struct presence_id row = p->joining->presence;
	enum db_rc rc = hearing_raise(db, row, p->upto, &p->handed->changes[0]);

	p->handed->n = rc == DB_OK;
	return rc;
}

/* What was said between the join and its picture. */
static struct handed *
hand_over(struct call *call, struct picture *p)
{
	p->handed = must_alloc(sizeof(*p->handed));
	if (db_write(call->db, count_as_heard, p) == DB_OK)
		return p->handed;
	free(p->handed);
	return NULL;
}

/* DB_NONE: it is wrong, and only then has it cost a try. */
static enum db_rc
verify(struct call *call, const char *password, const struct buf *hash,
    enum problem *why)
{
	enum db_rc rc = rates_try(call, why), given;

	if (rc != DB_OK)
		return rc;
	rc = passwords_verify(password, buf_str(hash));
	if (rc == DB_NONE)
		return rc;
	given = rates_untry(call);
	return rc == DB_OK ? given : rc;
}

/*
 * Puts the hash that the password which was sent has been found right by to
 * PROVED.  That takes its time, so it is done before the transaction, which
 * looks whether it is still the room's.
 */
static enum db_rc
prove(struct call *call, const char *password, struct buf *proved,
    enum problem *why)
{
	struct buf hash = BUF_INIT;
	enum db_rc rc;
	int need;

	rc = chatters_need_password(call->db, &call->room, call->user, &need);
	if (rc == DB_OK && need && password != NULL) {
		rc = rooms_add_password(call->db, call->room.id, &hash);
		if (rc == DB_OK && hash.len > 0)
			rc = verify(call, password, &hash, why);
		if (rc == DB_OK)
			buf_add(proved, hash.p, hash.len);
	}
	buf_done(&hash);
	return rc == DB_NONE ? DB_OK : rc;
}

static struct reply
answer_joined(struct joining *j)
{
	struct call *call = j->call;
	enum db_rc rc = call_write(call, join, j, &j->why);
	struct picture picture;
	struct reply reply;

	if (rc != DB_OK)
		return reply_db(rc, j->why);
	reply = reply_json(j->made ? 201 : 200);
	picture = (struct picture){ .joining = j, .to = &reply.body };
	rc = db_read(call->db, draw, &picture);
	if (rc == DB_OK && picture.lags)
		reply.handed = hand_over(call, &picture);
	if (!call->known)
		buf_addf(&reply.body, ",\"token\":\"%s\"", j->token.s);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, PROBLEM_NONE);
}

struct reply
chatters_join(struct call *call)
{
	struct joining j = { .call = call };
	struct buf proved = BUF_INIT;
	struct chatter_body b = { NULL, NULL, NULL };
	const char *usual = call->caller.claims.nickname;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call, fields, N_JOIN, &b, &reply) ||
	    !once_read(call, "chatters", &j.once, &reply))
		return reply;
	rc = prove(call, b.password, &proved, &j.why);
	j.who = (struct newcomer){ .user = call->user,
		.nickname = b.nickname,
		.usual = *usual != '\0' ? usual : NULL,
		.language = call->request->accept_language,
		.password = b.password,
		.proved = proved.len > 0 ? buf_str(&proved) : NULL };
	reply = rc == DB_OK ? answer_joined(&j) : reply_db(rc, j.why);
	buf_done(&proved);
	return reply;
}

static enum db_rc
list(struct db *db, void *arg)
{
	struct people *p = arg;
	struct log_state log;
	struct room room;
	enum db_rc rc;
	int more;

	rc = events_state(db, &log);
	if (rc == DB_OK)
		rc = rooms_get(db, p->call->room.id, &room);
	if (rc != DB_OK)
		return rc;
	buf_adds(p->to, "{\"chatters\":[");
	rc = chatters_add_online(db, room.id, p->after, p->limit, p->to, &more);
	if (rc != DB_OK)
		return rc;
	buf_addf(p->to, "],\"count\":%lld,\"has_more\":%s,\"cursor\":",
	    (long long)room.online, more ? "true" : "false");
	call_add_cursor(p->to, &log);
	buf_addc(p->to, '}');
	return DB_OK;
}

struct reply
chatters_list(struct call *call)
{
	return people_list(call, list);
}

static enum db_rc
tell(struct db *db, void *arg)
{
	const struct call *call = arg;

	return chatters_announce(db, &call->room);
}

struct reply
chatters_tell(struct call *call)
{
	enum problem why = PROBLEM_NONE;
	struct reply reply;
	enum db_rc rc;

	if (room_expired(&call->room))
		return reply_problem(PROBLEM_ROOM_EXPIRED);
	rc = call_write(call, tell, call, &why);
	if (rc != DB_OK)
		return reply_db(rc, why);
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

/* A nickname, a role, or both.  1, or 0: REPLY says why not. */
static int
take_change(
    const struct call *call, struct chatter_body *b, struct reply *reply)
{
	const struct field *last =
	    fields + sizeof(fields) / sizeof(fields[0]) - N_CHANGE;

	if (!body_take(call, last, N_CHANGE, b, reply))
		return 0;
	if (b->nickname != NULL || b->role != NULL)
		return 1;
	*reply = reply_field("nickname", "or role is required");
	return 0;
}

enum { AS_IT_IS = -1 };

struct changing {
	struct call *call;
	const struct chatter *chatter;
	const char *nickname; /* NULL: as it is */
	int role; /* enum role; -1: as it is */
	enum problem why;
};

/* One's own nickname, and the owner another's role. */
static enum problem
may_change(const struct changing *c, const struct chatter *now)
{
	if (c->nickname != NULL && now->id.n != c->call->me.id.n)
		return PROBLEM_SELF_ONLY;
	if (c->role == AS_IT_IS)
		return PROBLEM_NONE;
	if (call_rank(c->call) < ROLE_OWNER)
		return PROBLEM_OWNER_ONLY;
	return now->role == ROLE_OWNER ? PROBLEM_OWNER_STAYS : PROBLEM_NONE;
}

static enum db_rc
change(struct db *db, void *arg)
{
	struct changing *c = arg;
	const struct room *room = &c->call->room;
	struct chatter now;
	enum db_rc rc = chatters_get(db, c->chatter->id, &now);

	if (rc == DB_OK && now.left)
		rc = DB_NONE;
	if (rc == DB_OK && (c->why = may_change(c, &now)) != PROBLEM_NONE)
		rc = DB_CONFLICT;
	if (rc == DB_OK && c->nickname != NULL)
		rc = chatters_rename(db, room, &now, c->nickname, &c->why);
	if (rc == DB_OK && c->role != AS_IT_IS)
		rc = chatters_set_role(db, room, &now, (enum role)c->role);
	return rc;
}

struct reply
chatters_patch(struct call *call)
{
	struct chatter_body b = { NULL, NULL, NULL };
	struct chatter c;
	struct changing change_of = {
		.call = call, .chatter = &c, .role = AS_IT_IS
	};
	struct reply reply;
	enum role role;
	enum db_rc rc = named(call, &c);

	if (rc != DB_OK)
		return reply_db(rc, PROBLEM_NONE);
	if (!take_change(call, &b, &reply))
		return reply;
	change_of.nickname = b.nickname;
	if (b.role != NULL) {
		must(chatters_read_role(b.role, &role) == 0);
		change_of.role = (int)role;
	}
	rc = call_write(call, change, &change_of, &change_of.why);
	return rc == DB_OK ? show(call, c.id, "") : reply_db(rc, change_of.why);
}

enum { BAN_SECONDS_MAX = 315360000, NO_BAN = -1, MS_PER_S = 1000 };

struct leaving {
	struct call *call;
	int64_t ban; /* s, 0: for good; NO_BAN */
	enum problem why;
};

/* A moderator removes members, the owner moderators too, nobody the owner. */
static int
may_remove(const struct call *call, const struct chatter *c)
{
	int rank = call_rank(call);

	return rank >= ROLE_MODERATOR && (int)c->role < rank;
}

static enum db_rc
remove_chatter(struct db *db, struct leaving *l, const struct room *room,
    const struct chatter *c)
{
	int64_t until = l->ban > 0 ? steady_now(db) + l->ban * MS_PER_S : 0;
	enum db_rc rc = DB_OK;

	if (!may_remove(l->call, c)) {
		l->why = PROBLEM_OUTRANKED;
		return DB_CONFLICT;
	}
	if (!c->left)
		rc = presence_leave(db, room, c, LEAVE_REMOVED);
	/* Who comes back does so as anybody else. */
	if (rc == DB_OK)
		rc = chatters_set_role(db, room, c, ROLE_MEMBER);
	if (rc == DB_OK && l->ban != NO_BAN)
		rc = bans_make(db, c, until);
	return rc;
}

static enum db_rc
leave(struct db *db, void *arg)
{
	struct leaving *l = arg;
	const struct call *call = l->call;
	struct chatter c;
	enum db_rc rc = chatters_by_name(
	    db, call->room.id, call->params[PARAM_CHATTER], &c);

	if (rc == DB_OK && c.left && l->ban == NO_BAN)
		return DB_NONE;
	if (rc == DB_OK && (c.id.n != call->me.id.n || l->ban != NO_BAN))
		return remove_chatter(db, l, &call->room, &c);
	return rc == DB_OK ? presence_leave(db, &call->room, &c, LEAVE_LEFT) :
			     rc;
}

struct reply
chatters_leave(struct call *call)
{
	struct leaving l = { .call = call, .ban = NO_BAN };
	enum db_rc rc;

	if (call_number(call, "ban_seconds", 0, BAN_SECONDS_MAX, &l.ban) != 0)
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	rc = call_write(call, leave, &l, &l.why);
	return rc == DB_OK ? reply_empty(204) : reply_db(rc, l.why);
}
