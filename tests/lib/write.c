#include "db/chat/accounts.h"
#include "db/chat/room_change.h"
#include "tests/lib/write.h"

#include "db/chat/arrivals.h"
#include "db/chat/leases.h"

const struct room_draft write_no_change = { .capacity = -1,
	.grace = -1,
	.expires = -1,
	.slow = -1,
	.listed = -1,
	.notices = -1,
	.post = -1 };

enum db_rc
write_user(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return accounts_make(db, &w->user, &w->token);
}

enum db_rc
write_room(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return rooms_make(db, &w->draft, &w->made);
}

enum db_rc
write_room_change(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_change(db, w->room, &w->draft);
}

enum db_rc
write_node(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return leases_start_node(db, w->ms, &w->node);
}

enum db_rc
write_newcomer_seat(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return members_seat(db, w->room, w->newcomer, &w->out,
	    &w->fixture->made, &w->fixture->why);
}

enum db_rc
write_seat(struct db *db, void *arg)
{
	struct write_args *w = arg;
	struct newcomer who = {
		.user = w->user, .nickname = w->text, .language = "en"
	};

	return members_seat(
	    db, w->room, &who, &w->out, &w->fixture->made, &w->fixture->why);
}

enum db_rc
write_join(struct db *db, void *arg)
{
	struct write_args *w = arg;
	enum db_rc rc = write_seat(db, w);

	return rc == DB_OK ? arrivals_enter(db, w->room, &w->out, &w->entry,
				 &w->presence, &w->fixture->why) :
			     rc;
}

enum db_rc
write_entry(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return arrivals_enter(
	    db, w->room, w->chatter, &w->entry, &w->presence, &w->fixture->why);
}

enum db_rc
write_end(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return arrivals_end(db, w->presence, w->upto);
}

enum db_rc
write_leave(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return arrivals_leave(db, w->room, w->chatter, w->reason);
}

enum db_rc
write_rename(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return members_rename(
	    db, w->room, w->chatter, w->text, &w->fixture->why);
}

enum db_rc
write_role(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return members_set_role(db, w->room, w->chatter, w->role);
}

enum db_rc
write_message(struct db *db, void *arg)
{
	struct write_args *w = arg;
	struct message_draft m = { .user = w->user,
		.key = w->key,
		.type = w->type,
		.content = w->text,
		.client_id = w->client_id };

	return say_send(
	    db, w->room, &m, &w->json, &w->fixture->sent, &w->fixture->why);
}
