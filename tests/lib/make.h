/*
 * make: users, rooms, members and nodes, each made in a write of its own.
 * A failure here fails the test.
 */
#ifndef TESTS_LIB_MAKE_H
#define TESTS_LIB_MAKE_H

#include "db/rows/chatters.h"
#include "db/rows/nodes.h"
#include "db/rows/rooms.h"
#include "db/rows/users.h"
#include "tests/lib/fixture.h"

struct user_id make_user(struct fixture *f);

/* A listed room whose name and title are NAME. */
struct room make_room(struct fixture *f, const char *name, struct user_id owner,
    int64_t capacity);

/* A new user who has joined ROOM; NICKNAME NULL: one is generated. */
struct chatter make_member(
    struct fixture *f, const struct room *room, const char *nickname);

struct node_id make_node(struct fixture *f, int64_t lease_ms);

#endif
