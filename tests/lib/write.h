/*
 * write: functions for db_write(), each of which calls one function of the
 * store with arguments that a test has set.
 *
 * A test that needs several of them in one transaction, or their outcome as it
 * is, uses them itself; otherwise tests/lib/make.h and tests/lib/act.h do.
 */
#ifndef TESTS_LIB_WRITE_H
#define TESTS_LIB_WRITE_H

#include "db/base/buf.h"
#include "db/chat/members.h"
#include "db/rows/chatters.h"
#include "db/chat/say.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "db/rows/users.h"
#include "tests/lib/fixture.h"

/* Arguments and results; each function uses those it needs. */
struct write_args {
	struct fixture *fixture;
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
	struct buf json; /* the caller's, to be freed with buf_done() */
	enum leave_reason reason;
	enum role role;
	const struct newcomer *newcomer;
	int64_t ms;
	int64_t upto;
	int limit;
};

/* A draft that changes nothing. */
extern const struct room_draft write_no_change;

/* ARG is a struct write_args. */
enum db_rc write_user(struct db *db, void *arg);
enum db_rc write_room(struct db *db, void *arg);
enum db_rc write_room_change(struct db *db, void *arg);
enum db_rc write_node(struct db *db, void *arg);
/* A seat for USER named TEXT, or for NEWCOMER. */
enum db_rc write_seat(struct db *db, void *arg);
enum db_rc write_newcomer_seat(struct db *db, void *arg);
/* A seat for USER, and ENTRY as its presence. */
enum db_rc write_join(struct db *db, void *arg);
enum db_rc write_entry(struct db *db, void *arg);
/* The end of PRESENCE, to which events up to UPTO were delivered. */
enum db_rc write_end(struct db *db, void *arg);
enum db_rc write_leave(struct db *db, void *arg);
enum db_rc write_rename(struct db *db, void *arg);
enum db_rc write_role(struct db *db, void *arg);
enum db_rc write_message(struct db *db, void *arg);

#endif
