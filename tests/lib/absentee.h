/*
 * absentee: a room with kim, who goes away and misses messages, and lee, who
 * stays on a stream.
 *
 * It is made in a fixture.  Each step ends with a check of the whole store,
 * and what fails fails the test.
 */
#ifndef TESTS_LIB_ABSENTEE_H
#define TESTS_LIB_ABSENTEE_H

#include "db/rows/chatters.h"
#include "db/rows/listeners.h"
#include "db/chat/say.h"
#include "db/rows/nodes.h"
#include "db/rows/rooms.h"
#include "tests/lib/fixture.h"

/* How long a listener is kept after its stream has ended, in ms. */
enum { ABSENTEE_LISTENER_GRACE = 700 };

struct absentee {
	struct fixture *fixture;
	struct room room;
	struct chatter kim, lee;
	struct node_id node;
};

/* Kim is in the room by a join.  STATE is that of a FIXTURE_TEST. */
struct absentee absentee_make(void **state);

/* Lets kim's join run out, so that kim is away. */
void absentee_go_away(struct absentee *a);

/* Lets kim join again. */
void absentee_come_back(struct absentee *a);

struct message_id absentee_say(
    struct absentee *a, struct user_id user, const char *content);

/* Opens a stream of USER without rooms: a listener on the own queue. */
struct listener_id absentee_listen(
    struct absentee *a, struct user_id user, const char *conn);

/* Fails unless kim's list of rooms holds TEXT. */
void absentee_assert_listed(struct absentee *a, const char *text);

/* Marks messages as read up to MESSAGE; fails unless ANSWER is the reply. */
void absentee_assert_read(
    struct absentee *a, int64_t message, const char *answer);

/* Fails unless parlor check finds nothing. */
void absentee_check(const struct absentee *a);

#endif
