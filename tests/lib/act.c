#include "tests/lib/act.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/expiry.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/write.h"

enum { REAP_MAX = 100 };

enum db_rc
act_join(struct fixture *f, const struct room *room, struct user_id user,
    const char *nickname, struct chatter *out)
{
	struct write_args w = { .fixture = f,
		.room = room,
		.user = user,
		.text = nickname,
		.entry = { .transport = TRANSPORT_JOIN,
		    .conn = "join",
		    .node = { 0 },
		    .lease_ms = FIXTURE_LEASE,
		    .grace_ms = 0 } };
	enum db_rc rc = db_write(f->db, write_join, &w);

	if (rc == DB_OK)
		*out = w.out;
	return rc;
}

enum db_rc
act_enter(struct fixture *f, const struct room *room, const struct chatter *c,
    const struct entry *entry, struct presence_id *id)
{
	struct write_args w = {
		.fixture = f, .room = room, .chatter = c, .entry = *entry
	};
	enum db_rc rc = db_write(f->db, write_entry, &w);

	if (id != NULL)
		*id = w.presence;
	return rc;
}

struct presence_id
act_open_stream(struct fixture *f, const struct room *room,
    const struct chatter *c, struct node_id node, const char *conn)
{
	struct entry e = { .transport = TRANSPORT_STREAM,
		.conn = conn,
		.node = node,
		.lease_ms = 0,
		.grace_ms = 0 };
	struct presence_id id;

	assert_int_equal(act_enter(f, room, c, &e, &id), DB_OK);
	return id;
}

void
act_end_stream(struct fixture *f, struct presence_id id)
{
	struct write_args w = {
		.fixture = f, .presence = id, .upto = eventlog_head(f)
	};

	assert_int_equal(db_write(f->db, write_end, &w), DB_OK);
}

void
act_leave(struct fixture *f, const struct room *room, const struct chatter *c,
    enum leave_reason reason)
{
	struct write_args w = {
		.fixture = f, .room = room, .chatter = c, .reason = reason
	};

	assert_int_equal(db_write(f->db, write_leave, &w), DB_OK);
}

enum db_rc
act_rename(struct fixture *f, const struct room *room, const struct chatter *c,
    const char *nickname)
{
	struct write_args w = {
		.fixture = f, .room = room, .chatter = c, .text = nickname
	};

	return db_write(f->db, write_rename, &w);
}

void
act_set_role(struct fixture *f, const struct room *room, struct chatter *c,
    enum role role)
{
	struct write_args w = {
		.fixture = f, .room = room, .chatter = c, .role = role
	};

	assert_int_equal(db_write(f->db, write_role, &w), DB_OK);
	assert_int_equal(chatters_get(f->db, c->id, c), DB_OK);
}

void
act_expire(struct fixture *f, struct room *room, int64_t at)
{
	struct write_args w = {
		.fixture = f, .room = room, .draft = write_no_change
	};

	w.draft.expires = at;
	assert_int_equal(db_write(f->db, write_room_change, &w), DB_OK);
	assert_int_equal(rooms_get(f->db, room->id, room), DB_OK);
}

enum db_rc
act_send(struct fixture *f, const struct room *room, struct user_id user,
    const struct message_draft *m, struct buf *json)
{
	struct write_args w = { .fixture = f,
		.room = room,
		.user = user,
		.key = m->key,
		.text = m->content,
		.client_id = m->client_id,
		.type = m->type };
	enum db_rc rc = db_write(f->db, write_message, &w);

	if (json != NULL)
		buf_add(json, w.json.p, w.json.len);
	buf_done(&w.json);
	return rc;
}

static enum db_rc
reap(struct db *db, void *arg)
{
	(void)arg;
	return expiry_reap(db, 0, REAP_MAX);
}

enum db_rc
act_reap(struct fixture *f)
{
	return db_write(f->db, reap, NULL);
}
