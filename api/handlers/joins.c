#include "db/chat/delivery.h"
#include "api/access.h"
#include "api/http/body.h"
#include "api/call.h"
#include "api/handlers/idempotency_request.h"
#include "api/handlers/chatter_page.h"
#include "api/handlers/rates.h"
#include "db/rows/bans.h"
#include "db/base/must.h"
#include "db/chat/members.h"
#include "db/base/settings.h"
#include "api/feed/catchup.h"
#include "db/rows/keys.h"
#include "db/rows/messages.h"
#include "db/text/names.h"
#include "db/chat/passwords.h"
#include "db/chat/arrivals.h"

enum { SNAPSHOT_MESSAGES = 50 };

/* The connection id of a join's presence; a stream or poll replaces it. */
static const char join_conn[] = "join";

struct join_body {
	const char *nickname, *password;
};

#define AT(member) offsetof(struct join_body, member)
static const struct field fields[] = {
	{ "password", FIELD_TEXT, FIELD_OPTIONAL, AT(password), passwords_check,
	    0, 0 },
	{ "nickname", FIELD_NAME, FIELD_OPTIONAL, AT(nickname),
	    names_check_nickname, 0, 0 },
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

struct joining {
	struct call *call;
	struct newcomer who;
	struct idempotency_request repeat;
	struct token token;
	struct chatter chatter;
	struct presence_id presence; /* {0}: a repeat, which writes none */
	int again; /* a repeat: nothing is written */
	int made;
	enum problem why;
};

/* DB_OK: a repeat, and J says who joined; DB_NONE: the join is new. */
static enum db_rc
find_joined(struct db *db, struct joining *j)
{
	struct idempotency_made made;
	enum db_rc rc =
	    idempotency_request_find(db, &j->repeat, &made, &j->why);

	if (rc != DB_OK)
		return rc;
	rc = chatters_get(db, (struct chatter_id){ made.id }, &j->chatter);
	if (rc == DB_OK && j->chatter.left)
		return bans_refuse(
		    db, j->chatter.room, j->chatter.user, &j->why);
	if (rc == DB_OK && !j->call->known)
		rc = idempotency_request_repeat_token(
		    db, &j->repeat, &made, &j->token);
	j->again = rc == DB_OK;
	if (rc != DB_NONE)
		return rc;
	j->why = PROBLEM_NOT_FOUND;
	return DB_CONFLICT;
}

static enum db_rc
look(struct db *db, void *arg)
{
	enum db_rc rc = find_joined(db, arg);

	return rc == DB_NONE ? DB_OK : rc;
}

/* New users and those who have left take a seat; members have one already. */
static int
takes_seat(const struct call *call)
{
	return !call->known || call->me.left;
}

static enum db_rc
take_rates(struct db *db, struct joining *j)
{
	struct call *call = j->call;

	if (!call->known)
		return rates_take(db, call, RATE_LIMIT_PEOPLE, &j->why);
	if (!takes_seat(call) || (call->scopes & KEY_ROOMS) != 0)
		return DB_OK;
	return rates_take(db, call, RATE_LIMIT_JOINS, &j->why);
}

static enum db_rc
seat(struct db *db, struct joining *j, const struct room *room)
{
	enum db_rc rc = take_rates(db, j);

	if (rc == DB_OK && !j->call->known)
		rc = idempotency_request_make_person(
		    db, &j->repeat, &j->who.user, &j->token);
	if (rc == DB_OK)
		rc = members_seat(
		    db, room, &j->who, &j->chatter, &j->made, &j->why);
	/*
	 * A member who joins again creates nothing that a repeat could
	 * duplicate.
	 */
	if (rc == DB_OK && takes_seat(j->call))
		rc = idempotency_request_keep(
		    db, &j->repeat, j->who.user, j->chatter.id.n);
	return rc;
}

static enum db_rc
join(struct db *db, void *arg)
{
	struct joining *j = arg;
	struct entry entry = { .transport = TRANSPORT_JOIN,
		.conn = join_conn,
		.lease_ms = j->call->settings->join_lease_ms };
	const struct room *room = &j->call->room;
	enum db_rc rc = find_joined(db, j);

	if (rc != DB_NONE)
		return rc;
	rc = seat(db, j, room);
	return rc == DB_OK ? arrivals_enter(db, room, &j->chatter, &entry,
				 &j->presence, &j->why) :
			     rc;
}

struct snapshot {
	struct joining *joining;
	struct buf *to;
	int64_t upto; /* the cursor of the snapshot */
	int lags; /* UPTO counts as heard once it is handed over */
	struct handed *handed;
};

/* The snapshot and the cursor of the same moment. */
static enum db_rc
render(struct db *db, void *arg)
{
	struct snapshot *p = arg;
	struct page page = { PAGE_NEWEST, { 0 }, SNAPSHOT_MESSAGES };
	struct room_id room = p->joining->chatter.room;
	struct log_state log;
	int64_t now;
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
		    CHATTER_PAGE_DEFAULT, p->to, &more);
	buf_adds(p->to, "],\"messages\":[");
	if (rc == DB_OK)
		rc = messages_add_page(db, room, &page, p->to, &more);
	buf_adds(p->to, "],\"cursor\":");
	if (rc != DB_OK)
		return rc;
	call_add_cursor(p->to, &log);
	/* A repeat writes nothing, so its content does not count as heard. */
	if (p->joining->presence.n == 0)
		return DB_OK;
	p->upto = log.head;
	rc = presence_lags(db, p->joining->presence, p->upto, &now);
	p->lags = rc == DB_OK;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
count_as_heard(struct db *db, void *arg)
{
	struct snapshot *p = arg;
	struct presence_id row = p->joining->presence;
	enum db_rc rc =
	    delivery_raise(db, row, p->upto, &p->handed->changes[0]);

	p->handed->n = rc == DB_OK;
	return rc;
}

/* Messages between the join and its snapshot count as heard. */
static struct handed *
hand_over(struct call *call, struct snapshot *p)
{
	p->handed = must_alloc(sizeof(*p->handed));
	if (db_write(call->db, count_as_heard, p) == DB_OK)
		return p->handed;
	free(p->handed);
	return NULL;
}

/* DB_NONE: the password is wrong.  Only a wrong password costs a try. */
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
 * Checks the password that was sent, and puts the matching hash into CHECKED.
 * Hashing is slow, so this runs before the write transaction, which only
 * compares whether that hash is still the room's.
 */
static enum db_rc
check_password(struct call *call, const char *password, struct buf *checked,
    enum problem *why)
{
	struct buf hash = BUF_INIT;
	enum db_rc rc;
	int need;

	rc = members_need_password(call->db, &call->room, call->user, &need);
	if (rc == DB_OK && need && password != NULL) {
		rc = rooms_add_password(call->db, call->room.id, &hash);
		if (rc == DB_OK && hash.len > 0)
			rc = verify(call, password, &hash, why);
		if (rc == DB_OK)
			buf_add(checked, hash.p, hash.len);
	}
	buf_done(&hash);
	return rc == DB_NONE ? DB_OK : rc;
}

static struct reply
answer_joined(struct joining *j)
{
	struct call *call = j->call;
	enum db_rc rc = j->again ? DB_OK : access_write(call, join, j, &j->why);
	struct snapshot snapshot;
	struct reply reply;

	if (rc != DB_OK)
		return reply_db(rc, j->why);
	reply = reply_json(j->made ? 201 : 200);
	snapshot = (struct snapshot){ .joining = j, .to = &reply.body };
	rc = db_read(call->db, render, &snapshot);
	if (rc == DB_OK && snapshot.lags)
		reply.handed = hand_over(call, &snapshot);
	if (!call->known)
		buf_addf(&reply.body, ",\"token\":\"%s\"", j->token.s);
	buf_addc(&reply.body, '}');
	return reply_if(rc, reply, PROBLEM_NONE);
}

struct reply
chatters_join(struct call *call)
{
	struct joining j = { .call = call };
	struct buf checked = BUF_INIT;
	struct join_body b = { NULL, NULL };
	const char *usual = call->caller.claims.nickname;
	struct reply reply;
	enum db_rc rc;

	if (!body_take(call->body, fields, N_FIELDS, &b, &reply) ||
	    !idempotency_request_read(call, "chatters", &j.repeat, &reply))
		return reply;
	rc = j.repeat.asked ? db_read(call->db, look, &j) : DB_OK;
	if (rc == DB_OK && !j.again)
		rc = check_password(call, b.password, &checked, &j.why);
	j.who = (struct newcomer){ .user = call->user,
		.nickname = b.nickname,
		.usual = *usual != '\0' ? usual : NULL,
		.language = call->request->headers.accept_language,
		.password = b.password,
		.proved = checked.len > 0 ? buf_str(&checked) : NULL };
	reply = rc == DB_OK ? answer_joined(&j) : reply_db(rc, j.why);
	buf_done(&checked);
	return reply;
}
