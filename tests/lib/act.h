/*
 * act: what people and programs do in a room, each in a write of its own.
 *
 * Functions that return nothing, or an id, fail the test when they fail; the
 * others return what the store said, and f->why says more.
 */
#ifndef TESTS_LIB_ACT_H
#define TESTS_LIB_ACT_H

#include "db/base/buf.h"
#include "db/rows/chatters.h"
#include "db/chat/say.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/fixture.h"

/* As POST chatters does: a seat, and the presence of a join. */
enum db_rc act_join(struct fixture *f, const struct room *room,
    struct user_id user, const char *nickname, struct chatter *out);

/* ID may be NULL. */
enum db_rc act_enter(struct fixture *f, const struct room *room,
    const struct chatter *c, const struct entry *entry, struct presence_id *id);

/* Opens a stream on NODE under the name CONN. */
struct presence_id act_open_stream(struct fixture *f, const struct room *room,
    const struct chatter *c, struct node_id node, const char *conn);

/* Ends it; every event until now counts as delivered. */
void act_end_stream(struct fixture *f, struct presence_id id);

void act_leave(struct fixture *f, const struct room *room,
    const struct chatter *c, enum leave_reason reason);

enum db_rc act_rename(struct fixture *f, const struct room *room,
    const struct chatter *c, const char *nickname);

/* Reads C anew. */
void act_set_role(struct fixture *f, const struct room *room, struct chatter *c,
    enum role role);

/* Lets ROOM expire at AT, and reads it anew. */
void act_expire(struct fixture *f, struct room *room, int64_t at);

/* Appends the message as JSON to JSON, which may be NULL. */
enum db_rc act_send(struct fixture *f, const struct room *room,
    struct user_id user, const struct message_draft *m, struct buf *json);

/* Ends what has expired.  DB_NONE: nothing has. */
enum db_rc act_reap(struct fixture *f);

#endif
