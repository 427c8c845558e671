#include "tests/lib/make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/lib/act.h"
#include "tests/lib/write.h"

struct user_id
make_user(struct fixture *f)
{
	struct write_args w = { .fixture = f };

	assert_int_equal(db_write(f->db, write_user, &w), DB_OK);
	return w.user;
}

struct room
make_room(
    struct fixture *f, const char *name, struct user_id owner, int64_t capacity)
{
	struct write_args w = { .fixture = f };

	assert_int_equal(ids_read_room(name, &w.draft.name), 0);
	w.draft.namespace = "main";
	w.draft.owner = owner;
	w.draft.title = name;
	w.draft.capacity = capacity;
	w.draft.grace = FIXTURE_GRACE;
	w.draft.listed = ROOM_LISTED;
	assert_int_equal(db_write(f->db, write_room, &w), DB_OK);
	return w.made;
}

struct chatter
make_member(struct fixture *f, const struct room *room, const char *nickname)
{
	struct chatter c;

	assert_int_equal(act_join(f, room, make_user(f), nickname, &c), DB_OK);
	return c;
}

struct node_id
make_node(struct fixture *f, int64_t lease_ms)
{
	struct write_args w = { .fixture = f, .ms = lease_ms };

	assert_int_equal(db_write(f->db, write_node, &w), DB_OK);
	return w.node;
}
