#include "db/chat/say.h"

#include <sodium.h>

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/chat/author.h"
#include "db/rows/json.h"
#include "db/rows/steady.h"
#include "db/chat/unread.h"

static const char *const types[] = {
	[MESSAGE_PLAIN] = "message",
	[MESSAGE_ALERT] = "alert",
};

static void
add_author(const struct author *a, struct buf *b)
{
	buf_adds(b, "{\"id\":");
	json_add_text(b, a->name.s);
	buf_adds(b, ",\"nickname\":");
	json_add_text(b, a->nickname);
	buf_addc(b, '}');
}

/* A message about to be stored. */
struct draft {
	const struct author *author; /* NULL: the server, a key or a stranger */
	struct key_id key; /* 0: none */
	enum message_type type;
	const char *content;
	const char *client_id; /* NULL: none */
	const char *stored_id; /* the client_id of the row; NULL: none */
	const char *title; /* NULL: none */
	const char *tags; /* a JSON array; NULL: none */
	const struct buf *notice; /* a JSON object; NULL: none */
};

static void
add_text_or_null(struct buf *b, const char *text)
{
	if (text != NULL)
		json_add_text(b, text);
	else
		buf_adds(b, "null");
}

static void
add_json(const struct room *room, int64_t id, const struct draft *d,
    int64_t sent, struct buf *b)
{
	buf_adds(b, "{\"id\":");
	buf_addi(b, id);
	buf_adds(b, ",\"type\":");
	json_add_text(b, types[d->type]);
	buf_adds(b, ",\"room\":");
	json_add_text(b, room->name.s);
	buf_adds(b, ",\"chatter\":");
	if (d->author != NULL)
		add_author(d->author, b);
	else
		buf_adds(b, "null");
	if (d->title != NULL) {
		buf_adds(b, ",\"title\":");
		json_add_text(b, d->title);
	}
	buf_adds(b, ",\"content\":");
	json_add_text(b, d->content);
	if (d->tags != NULL) {
		buf_adds(b, ",\"tags\":");
		buf_adds(b, d->tags);
	}
	buf_adds(b, ",\"client_id\":");
	add_text_or_null(b, d->client_id);
	buf_adds(b, ",\"created_at\":\"");
	clock_add_rfc3339(b, sent);
	buf_addc(b, '"');
	if (d->notice != NULL) {
		buf_adds(b, ",\"notice\":");
		buf_add(b, d->notice->p, d->notice->len);
	}
	buf_addc(b, '}');
}

static enum db_rc
insert(struct db *db, const struct room *room, struct message_id id,
    const struct draft *d, const struct buf *json)
{
	struct message_row m = { .room = room->id,
		.id = id,
		.key = d->key,
		.type = d->type,
		.sent = steady_now(db),
		.client_id = d->stored_id,
		.json = json };

	if (d->author != NULL)
		m.chatter = d->author->id;
	return messages_insert(db, &m);
}

/* Numbers, encodes, stores and tells; JSON is empty before. */
static enum db_rc
store(struct db *db, const struct room *room, const struct draft *d,
    struct buf *json)
{
	struct chatter_id sender = { 0 };
	int64_t now = clock_wall();
	struct message_id id;
	int watched;
	enum db_rc rc;

	rc = messages_last_and_watched(db, room->id, &id, &watched);
	if (rc != DB_OK)
		return rc;
	id.n++;
	if (d->notice != NULL)
		rooms_note_said(db, room->id);
	add_json(room, id.n, d, now, json);
	rc = insert(db, room, id, d, json);
	if (rc != DB_OK || !watched || d->notice != NULL)
		return rc;
	if (d->author != NULL)
		sender = d->author->id;
	return unread_said(db, room, sender, json);
}

/* DB_NONE: that client_id has not been sent before. */
static enum db_rc
find_sent(struct db *db, const struct room *room, const struct draft *d,
    struct buf *json)
{
	if (d->stored_id == NULL)
		return DB_NONE;
	return d->author == NULL ?
	    messages_sent_by_key(db, d->key, room->id, d->stored_id, json) :
	    messages_sent_by(db, d->author->id, d->stored_id, json);
}

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

/* DB_OK: a message that is new may be sent now. */
static enum db_rc
may_send(struct db *db, const struct room *room, const struct draft *d,
    int64_t *wait, enum problem *why)
{
	int member = d->author != NULL && d->author->role == ROLE_MEMBER;
	int stranger = d->key.n == messages_stranger.n;
	int64_t now = steady_now(db);

	if ((member || stranger) && d->type == MESSAGE_ALERT)
		return refuse(why, PROBLEM_ALERTER_ONLY);
	if (rooms_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	/* After a restart of the machine the clock may be behind. */
	if (!member || d->author->spoke > now)
		return DB_OK;
	*wait = d->author->spoke + room->slow - now;
	return *wait > 0 ? refuse(why, PROBLEM_SLOW_MODE) : DB_OK;
}

/* A stranger's id for this text, from this address, in hexadecimal. */
enum { STRANGER_BYTES = CLIENT_ID_MAX / 2 };
struct stranger_id {
	char s[2 * STRANGER_BYTES + 1];
};

static void
hash_id(const struct message_draft *m, struct stranger_id *id)
{
	unsigned char hash[STRANGER_BYTES];
	struct buf text = BUF_INIT;

	buf_add(&text, (const char *)m->from.bytes, m->from.len);
	buf_addf(&text, " %s ", m->client_id);
	buf_adds(&text, m->title != NULL ? m->title : "");
	buf_addc(&text, '\n');
	buf_adds(&text, m->content);
	must(crypto_generichash(hash, sizeof(hash),
		 (const unsigned char *)text.p, text.len, NULL, 0) == 0);
	(void)sodium_bin2hex(id->s, sizeof(id->s), hash, sizeof(hash));
	buf_done(&text);
}

/* The seat that M is sent from.  DB_NONE: the room takes it from a stranger. */
static enum db_rc
find_author(struct db *db, const struct room *room,
    const struct message_draft *m, struct author *author, enum problem *why)
{
	int open = room->post == POST_ANYONE;
	enum db_rc rc;

	if (m->user.n == 0)
		return open ? DB_NONE : refuse(why, PROBLEM_TOKEN_REQUIRED);
	rc = author_find(db, room->id, m->user, author, why);
	if (rc != DB_CONFLICT || *why != PROBLEM_NOT_IN_ROOM || !open)
		return rc;
	*why = PROBLEM_NONE;
	return DB_NONE;
}

/* Fills in who sends; AUTHOR and ID are for D to point to. */
static enum db_rc
find_sender(struct db *db, const struct room *room,
    const struct message_draft *m, struct draft *d, struct author *author,
    struct stranger_id *id, enum problem *why)
{
	enum db_rc rc = DB_OK;

	d->stored_id = m->client_id;
	if (m->key.n != 0)
		return DB_OK;
	rc = find_author(db, room, m, author, why);
	if (rc == DB_OK)
		d->author = author;
	if (rc != DB_NONE)
		return rc;
	d->key = messages_stranger;
	if (m->client_id != NULL) {
		hash_id(m, id);
		d->stored_id = id->s;
	}
	return DB_OK;
}

static enum db_rc
take_token(struct db *db, const struct message_draft *m, const struct draft *d,
    int64_t *wait, enum problem *why)
{
	int stranger = d->key.n == messages_stranger.n;
	const struct rate_limit *bucket = stranger ? m->strangers : m->bucket;

	return bucket != NULL ? rate_limit_take(db, bucket, wait, why) : DB_OK;
}

enum db_rc
say_send(struct db *db, const struct room *room, const struct message_draft *m,
    struct buf *json, struct sent_result *result, enum problem *why)
{
	struct draft d = { .key = m->key,
		.type = m->type,
		.content = m->content,
		.client_id = m->client_id,
		.title = m->title,
		.tags = m->tags };
	struct buf fresh = BUF_INIT;
	struct author author = { 0 };
	struct stranger_id id;
	enum db_rc rc;

	*why = PROBLEM_NONE;
	*result = (struct sent_result){ SENT_BEFORE, 0 };
	rc = find_sender(db, room, m, &d, &author, &id, why);
	if (rc == DB_OK)
		rc = find_sent(db, room, &d, json);
	if (rc == DB_NONE)
		rc = may_send(db, room, &d, &result->wait, why);
	else
		return rc;
	if (rc == DB_OK)
		rc = take_token(db, m, &d, &result->wait, why);
	if (rc != DB_OK)
		return rc;
	result->sent = SENT_NEW;
	rc = store(db, room, &d, &fresh);
	if (rc == DB_OK && room->slow > 0 && d.author != NULL)
		chatters_set_spoke(db, author.id, steady_now(db));
	buf_add(json, fresh.p, fresh.len);
	buf_done(&fresh);
	return rc;
}

enum db_rc
say_notice(struct db *db, const struct room *room, const char *content,
    const struct buf *notice)
{
	struct draft d = {
		.type = MESSAGE_ALERT, .content = content, .notice = notice
	};
	struct buf json = BUF_INIT;
	enum db_rc rc = store(db, room, &d, &json);

	buf_done(&json);
	return rc;
}
