#include "poller/stream_command.h"

#include "api/feed/command.h"
#include "api/feed/wire.h"
#include "api/http/problem.h"
#include "db/rows/rooms.h"
#include "poller/reaper.h"
#include "poller/service.h"

struct entering {
	const struct service *service;
	struct command *command;
	const struct command_text *text;
};

static enum db_rc
check(struct db *db, void *arg)
{
	struct entering *e = arg;
	struct command *c = e->command;
	int64_t most = e->service->settings->replay_max;

	return subscription_check_room(db, buf_str(&c->room),
	    buf_str(&e->text->cursor),
	    most < WIRE_ANSWER_EVENTS ? most : WIRE_ANSWER_EVENTS, &c->sub,
	    &c->why);
}

static enum db_rc
enter(struct db *db, void *arg)
{
	struct entering *e = arg;
	struct entry entry = { .transport = TRANSPORT_STREAM,
		.node = reaper_node(e->service->reaper),
		.grace_ms = e->service->settings->room_grace_ms };

	return subscription_enter_room(
	    db, &e->command->sub, &entry, &e->command->why);
}

static enum db_rc
find(struct db *db, void *arg)
{
	struct entering *e = arg;
	struct command *c = e->command;
	struct room room;
	enum db_rc rc = rooms_find(db, buf_str(&c->room), &room);

	c->why = PROBLEM_NOT_FOUND;
	c->sub.n = 1;
	if (rc == DB_OK)
		c->sub.seats[0] = (struct seat){ .room = room.id };
	return rc == DB_NONE ? DB_CONFLICT : rc;
}

void
stream_command_run(void *arg, struct db *db, struct command *c)
{
	struct command_text text;
	struct entering e = { arg, c, &text };
	enum db_rc rc;

	c->why = PROBLEM_MALFORMED_REQUEST;
	if (command_read(buf_str(&c->message), c->message.len, &text) != 0)
		return;
	buf_adds(&c->room, buf_str(&text.room));
	if (text.verb == COMMAND_SUBSCRIBE) {
		rc = db_read(db, check, &e);
		if (rc == DB_OK)
			rc = db_write(db, enter, &e);
		c->outcome = COMMAND_ENTERED;
	} else {
		rc = db_read(db, find, &e);
		c->outcome = COMMAND_LEFT;
	}
	if (rc != DB_OK) {
		c->outcome = COMMAND_REFUSED;
		c->why = problem_of(rc, c->why);
	}
	command_done(&text);
}
