#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "api/handlers/chatter_page.h"
#include "api/handlers/rates.h"
#include "db/base/must.h"
#include "db/chat/members.h"
#include "db/chat/presence_events.h"
#include "db/text/names.h"
#include "db/chat/arrivals.h"
#include "db/chat/removal.h"

struct chatter_body {
	const char *nickname, *role;
};

/* Roles that can be given: only a room's creator is its owner. */
static const char *
check_role(const char *text)
{
	enum role role;

	return chatters_read_role(text, &role) == 0 && role != ROLE_OWNER ?
	    NULL :
	    "must be member or moderator";
}

#define AT(member) offsetof(struct chatter_body, member)
static const struct field fields[] = {
	{ "nickname", FIELD_NAME, FIELD_OPTIONAL, AT(nickname),
	    names_check_nickname, 0, 0 },
	{ "role", FIELD_TEXT, FIELD_OPTIONAL, AT(role), check_role, 0, 0 },
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

static enum db_rc
list(struct db *db, void *arg)
{
	struct chatter_page *p = arg;
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
	return chatter_page_list(call, list);
}

struct telling {
	struct call *call;
	enum problem why;
};

static enum db_rc
tell(struct db *db, void *arg)
{
	struct telling *t = arg;
	enum db_rc rc =
	    rates_take(db, t->call, RATE_LIMIT_ANNOUNCEMENTS, &t->why);

	return rc == DB_OK ? presence_events_announce(db, &t->call->room) : rc;
}

struct reply
chatters_tell(struct call *call)
{
	struct telling t = { .call = call };
	struct reply reply;
	enum db_rc rc;

	if (rooms_expired(&call->room))
		return reply_problem(PROBLEM_ROOM_EXPIRED);
	rc = access_write(call, tell, &t, &t.why);
	if (rc != DB_OK)
		return reply_db(rc, t.why);
	reply = reply_json(202);
	buf_adds(&reply.body, "{}");
	return reply;
}

/* The chatter of the path, unless they have left. */
static enum db_rc
named(struct call *call, struct chatter *c)
{
	enum db_rc rc = chatters_by_name(
	    call->db, call->room.id, call->params[PARAM_CHATTER], c);

	return rc == DB_OK && c->left ? DB_NONE : rc;
}

/* {"chatter":{…}} with REST before the inner object's closing brace. */
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

/* Reads a nickname, a role, or both.  1, or 0: REPLY says why not. */
static int
take_change(
    const struct call *call, struct chatter_body *b, struct reply *reply)
{
	if (!body_take(call->body, fields, N_FIELDS, b, reply))
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

static enum access_thing
whose(const struct call *call, const struct chatter *c)
{
	return c->id.n == call->me.id.n ? ACCESS_OWN : ACCESS_ANOTHERS;
}

/* The route's own right covers nicknames, the further one roles. */
static enum problem
may_change(const struct changing *c, const struct chatter *now)
{
	enum access_thing thing = whose(c->call, now);
	enum problem why = PROBLEM_NONE;

	if (c->nickname != NULL)
		why = access_to(c->call, thing);
	if (why == PROBLEM_NONE && c->role != AS_IT_IS)
		why = access_also(c->call, thing);
	if (why == PROBLEM_NONE && c->role != AS_IT_IS &&
	    now->role == ROLE_OWNER)
		why = PROBLEM_OWNER_STAYS;
	return why;
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
		rc = members_rename(db, room, &now, c->nickname, &c->why);
	if (rc == DB_OK && c->role != AS_IT_IS)
		rc = members_set_role(db, room, &now, (enum role)c->role);
	return rc;
}

struct reply
chatters_patch(struct call *call)
{
	struct chatter_body b = { NULL, NULL };
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
	rc = access_write(call, change, &change_of, &change_of.why);
	return rc == DB_OK ? show(call, c.id, "") : reply_db(rc, change_of.why);
}

enum { BAN_SECONDS_MAX = 315360000, NO_BAN = -1, MS_PER_S = 1000 };

struct leaving {
	struct call *call;
	int64_t ban; /* s, 0: for good; NO_BAN */
	enum problem why;
};

/* A chatter of one's own or a higher rank cannot be removed. */
static enum problem
may_remove(const struct call *call, const struct chatter *c)
{
	enum problem why = access_to(call, ACCESS_ANOTHERS);

	if (why == PROBLEM_NONE && (int)c->role >= access_rank(call))
		why = PROBLEM_OUTRANKED;
	return why;
}

static enum db_rc
remove_chatter(struct db *db, struct leaving *l, const struct room *room,
    const struct chatter *c)
{
	l->why = may_remove(l->call, c);
	if (l->why != PROBLEM_NONE)
		return DB_CONFLICT;
	return l->ban == NO_BAN ? removal_remove(db, room, c) :
				  removal_ban(db, room, c, l->ban * MS_PER_S);
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
	return rc == DB_OK ? arrivals_leave(db, &call->room, &c, LEAVE_LEFT) :
			     rc;
}

struct reply
chatters_leave(struct call *call)
{
	struct leaving l = { .call = call, .ban = NO_BAN };
	enum db_rc rc;

	if (call_number(call, "ban_seconds", 0, BAN_SECONDS_MAX, &l.ban) != 0)
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	rc = access_write(call, leave, &l, &l.why);
	return rc == DB_OK ? reply_empty(204) : reply_db(rc, l.why);
}
