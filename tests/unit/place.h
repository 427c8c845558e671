/*
 * place: a store of a test's own with a clock that the test sets, and the
 * deeds of persons in it, each one write.
 */
#ifndef TESTS_UNIT_PLACE_H
#define TESTS_UNIT_PLACE_H

#include "db/base/clock.h"
#include "db/rows/chatters.h"
#include "db/engine/db.h"
#include "db/rows/events.h"
#include "db/rows/messages.h"
#include "db/rows/expiry.h"
#include "db/rows/nodes.h"
#include "db/rows/presence.h"
#include "db/rows/rooms.h"
#include "db/rows/users.h"
#include "tests/unit/tmpdir.h"

enum { PLACE_GRACE = 5000, PLACE_LEASE = 30000 };

struct place {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct db *db;
	enum problem why; /* of the last deed */
	struct sent_result sent;
	int made;
};

static int64_t place_wall = 1795167000123, place_lease = 1000000;

static inline int64_t
place_get_wall(void)
{
	return place_wall;
}

static inline int64_t
place_get_lease(void)
{
	return place_lease;
}

static inline void
place_wait(int64_t ms)
{
	place_wall += ms;
	place_lease += ms;
}

static inline int
datadir_open(void **state, enum store_mode mode)
{
	struct place *p = calloc(1, sizeof(*p));

	clock_wall = place_get_wall;
	clock_lease = place_get_lease;
	tmpdir_make(p->dir);
	p->store = tmpdir_store(p->dir, mode);
	p->db = store_db(p->store);
	*state = p;
	return 0;
}

static inline int
place_setup(void **state)
{
	return datadir_open(state, STORE_DIRECT);
}

static inline int
place_teardown(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	tmpdir_remove(p->dir);
	free(p);
	return 0;
}

/* What a deed is done with; each uses what it needs. */
struct deed {
	struct place *place;
	const struct room *room;
	const struct chatter *chatter;
	const char *text;
	const char *client_id;
	enum message_type type;
	struct entry entry;
	struct user_id user;
	struct key_id key;
	struct token token;
	struct presence_id presence;
	struct node_id node;
	struct chatter out;
	struct room made;
	struct room_draft draft;
	struct buf json;
	enum leave_reason reason;
	enum role role;
	const struct newcomer *newcomer;
	int64_t ms;
	int64_t upto;
	int limit;
};

/* A draft that changes nothing. */
static const struct room_draft room_as_it_is = { .capacity = -1,
	.grace = -1,
	.expires = -1,
	.slow = -1,
	.listed = -1,
	.notices = -1 };

static inline enum db_rc
deed_user(struct db *db, void *arg)
{
	struct deed *d = arg;

	return users_make(db, &d->user, &d->token);
}

static inline struct user_id
place_user(struct place *p)
{
	struct deed d = { .place = p };

	assert_int_equal(db_write(p->db, deed_user, &d), DB_OK);
	return d.user;
}

static inline enum db_rc
deed_room(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_make(db, &d->draft, &d->made);
}

/* A room called NAME with a title of the same, owned by OWNER. */
static inline struct room
place_room(
    struct place *p, const char *name, struct user_id owner, int64_t capacity)
{
	struct deed d = { .place = p };

	assert_int_equal(ids_read_room(name, &d.draft.name), 0);
	d.draft.namespace = "main";
	d.draft.owner = owner;
	d.draft.title = name;
	d.draft.capacity = capacity;
	d.draft.grace = PLACE_GRACE;
	d.draft.listed = ROOM_LISTED;
	assert_int_equal(db_write(p->db, deed_room, &d), DB_OK);
	return d.made;
}

static inline enum db_rc
deed_seat(struct db *db, void *arg)
{
	struct deed *d = arg;

	struct newcomer who = {
		.user = d->user, .nickname = d->text, .language = "en"
	};

	return chatters_seat(
	    db, d->room, &who, &d->out, &d->place->made, &d->place->why);
}

static inline enum db_rc
deed_knock(struct db *db, void *arg)
{
	struct deed *d = arg;

	return chatters_seat(
	    db, d->room, d->newcomer, &d->out, &d->place->made, &d->place->why);
}

static inline enum db_rc
deed_join(struct db *db, void *arg)
{
	struct deed *d = arg;
	enum db_rc rc = deed_seat(db, d);

	return rc == DB_OK ? presence_enter(db, d->room, &d->out, &d->entry,
				 &d->presence, &d->place->why) :
			     rc;
}

/* As POST chatters does: a seat and the presence of a join. */
static inline enum db_rc
place_join(struct place *p, const struct room *room, struct user_id user,
    const char *nickname, struct chatter *out)
{
	struct deed d = { .place = p,
		.room = room,
		.user = user,
		.text = nickname,
		.entry = { .transport = TRANSPORT_JOIN,
		    .conn = "join",
		    .node = { 0 },
		    .lease_ms = PLACE_LEASE,
		    .grace_ms = 0 } };
	enum db_rc rc = db_write(p->db, deed_join, &d);

	if (rc == DB_OK)
		*out = d.out;
	return rc;
}

/* A new person who is in ROOM as NICKNAME. */
static inline struct chatter
place_newcomer(struct place *p, const struct room *room, const char *nickname)
{
	struct chatter c;

	assert_int_equal(
	    place_join(p, room, place_user(p), nickname, &c), DB_OK);
	return c;
}

static inline enum db_rc
deed_node(struct db *db, void *arg)
{
	struct deed *d = arg;

	return nodes_make(db, d->ms, &d->node);
}

static inline struct node_id
place_node(struct place *p, int64_t lease_ms)
{
	struct deed d = { .place = p, .ms = lease_ms };

	assert_int_equal(db_write(p->db, deed_node, &d), DB_OK);
	return d.node;
}

static inline enum db_rc
deed_enter(struct db *db, void *arg)
{
	struct deed *d = arg;

	return presence_enter(
	    db, d->room, d->chatter, &d->entry, &d->presence, &d->place->why);
}

static inline enum db_rc
place_enter(struct place *p, const struct room *room, const struct chatter *c,
    const struct entry *entry, struct presence_id *id)
{
	struct deed d = {
		.place = p, .room = room, .chatter = c, .entry = *entry
	};
	enum db_rc rc = db_write(p->db, deed_enter, &d);

	if (id != NULL)
		*id = d.presence;
	return rc;
}

/* A stream of NODE called CONN. */
static inline struct presence_id
place_stream(struct place *p, const struct room *room, const struct chatter *c,
    struct node_id node, const char *conn)
{
	struct entry e = { .transport = TRANSPORT_STREAM,
		.conn = conn,
		.node = node,
		.lease_ms = 0,
		.grace_ms = 0 };
	struct presence_id id;

	assert_int_equal(place_enter(p, room, c, &e, &id), DB_OK);
	return id;
}

static inline int64_t
place_head(struct place *p)
{
	struct log_state log;

	assert_int_equal(events_state(p->db, &log), DB_OK);
	return log.head;
}

/* Everything that has happened was delivered. */
static inline enum db_rc
deed_end(struct db *db, void *arg)
{
	struct deed *d = arg;

	return presence_end(db, d->presence, d->upto);
}

static inline void
place_end(struct place *p, struct presence_id id)
{
	struct deed d = { .place = p, .presence = id, .upto = place_head(p) };

	assert_int_equal(db_write(p->db, deed_end, &d), DB_OK);
}

static inline enum db_rc
deed_leave(struct db *db, void *arg)
{
	struct deed *d = arg;

	return presence_leave(db, d->room, d->chatter, d->reason);
}

static inline void
place_leave(struct place *p, const struct room *room, const struct chatter *c,
    enum leave_reason reason)
{
	struct deed d = {
		.place = p, .room = room, .chatter = c, .reason = reason
	};

	assert_int_equal(db_write(p->db, deed_leave, &d), DB_OK);
}

static inline enum db_rc
deed_reap(struct db *db, void *arg)
{
	(void)arg;
	return expiry_reap(db, 0, 100);
}

static inline enum db_rc
place_reap(struct place *p)
{
	return db_write(p->db, deed_reap, NULL);
}

static inline enum db_rc
deed_rename(struct db *db, void *arg)
{
	struct deed *d = arg;

	return chatters_rename(
	    db, d->room, d->chatter, d->text, &d->place->why);
}

static inline enum db_rc
place_rename(struct place *p, const struct room *room, const struct chatter *c,
    const char *nickname)
{
	struct deed d = {
		.place = p, .room = room, .chatter = c, .text = nickname
	};

	return db_write(p->db, deed_rename, &d);
}

static inline enum db_rc
deed_send(struct db *db, void *arg)
{
	struct deed *d = arg;
	struct message_draft m = { .user = d->user,
		.key = d->key,
		.type = d->type,
		.content = d->text,
		.client_id = d->client_id };

	return messages_send(
	    db, d->room, &m, &d->json, &d->place->sent, &d->place->why);
}

/* JSON may be NULL. */
static inline enum db_rc
place_send(struct place *p, const struct room *room, struct user_id user,
    const struct message_draft *m, struct buf *json)
{
	struct deed d = { .place = p,
		.room = room,
		.user = user,
		.key = m->key,
		.text = m->content,
		.client_id = m->client_id,
		.type = m->type };
	enum db_rc rc = db_write(p->db, deed_send, &d);

	if (json != NULL)
		buf_add(json, d.json.p, d.json.len);
	buf_done(&d.json);
	return rc;
}

/* As in the room, which others may have changed meanwhile. */
static inline int64_t
place_online(struct place *p, const struct room *room)
{
	struct room now;

	assert_int_equal(rooms_get(p->db, room->id, &now), DB_OK);
	return now.online;
}

static inline void
place_add_event(const struct event *e, void *arg)
{
	buf_addf(arg, "%s %lld ", e->kind, (long long)e->ends);
	buf_add(arg, e->data, e->len);
	buf_addc(arg, '\n');
}

/* The events after SEQ, each a line of "kind ends data". */
static inline void
place_events(struct place *p, int64_t seq, struct buf *lines)
{
	enum db_rc rc;

	buf_clear(lines);
	rc = events_after(p->db, seq, 1000, place_add_event, lines);
	assert_true(rc == DB_OK || rc == DB_NONE);
}

/* How often WHAT stands in the events after SEQ. */
static inline int
place_told(struct place *p, int64_t seq, const char *what)
{
	struct buf lines = BUF_INIT;
	int n = 0;

	place_events(p, seq, &lines);
	for (const char *s = buf_str(&lines); (s = strstr(s, what)) != NULL;
	     s += strlen(what))
		n++;
	buf_done(&lines);
	return n;
}

#endif
