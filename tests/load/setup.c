#include "tests/load/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOGETHER = 32, WAIT_S = 30 };

struct batch {
	struct run *run;
	size_t n, next, finished;
	size_t (*make)(const struct run *run, size_t i, char *to);
	void (*take)(struct run *run, size_t i, const char *body);
};

struct asker {
	struct conn conn;
	struct batch *batch;
	size_t i;
};

static void
ask_next(struct asker *a)
{
	struct batch *b = a->batch;
	char request[REQUEST_MAX];
	size_t len;

	if (b->next == b->n)
		return;
	a->i = b->next++;
	len = b->make(b->run, a->i, request);
	conn_ask(&a->conn, request, len);
}

static void
answered(struct conn *c, int status, const char *body)
{
	struct asker *a = (struct asker *)(void *)c;

	if (status != 200 && status != 201)
		give_up_because("setting up was refused", body);
	a->batch->take(a->batch->run, a->i, body);
	a->batch->finished++;
	ask_next(a);
}

static void
run_batch(struct batch *b)
{
	struct asker *askers = need(TOGETHER, sizeof(*askers));
	int64_t until = now_ns() + WAIT_S * NS_PER_S;
	size_t before = 0;

	for (size_t i = 0; i < TOGETHER; i++) {
		askers[i].batch = b;
		conn_init(&askers[i].conn, &b->run->loop, i);
		askers[i].conn.answered = answered;
		ask_next(&askers[i]);
	}
	while (b->finished < b->n) {
		loop_step(&b->run->loop, until);
		if (b->finished > before) {
			until = now_ns() + WAIT_S * NS_PER_S;
			before = b->finished;
		} else if (now_ns() >= until)
			give_up_because("setting up", "nothing happens");
	}
	for (size_t i = 0; i < TOGETHER; i++) {
		conn_close(&askers[i].conn);
		text_done(&askers[i].conn.in);
	}
	free(askers);
}

static size_t
make_room(const struct run *run, size_t i, char *to)
{
	struct ask a = { .room = run->rooms[i].name, .token = "" };

	return run->o.dialect->create(to, &a);
}

static void
take_room(struct run *run, size_t i, const char *body)
{
	(void)run;
	(void)i;
	(void)body;
}

/* Each room's first person joins, then each second: nobody waits long. */
static size_t
make_person(const struct run *run, size_t i, char *to)
{
	size_t rooms = (size_t)run->o.rooms;
	struct ask a = { .room = run->rooms[i % rooms].name, .token = "" };

	return run->o.dialect->join(to, &a);
}

static void
take_person(struct run *run, size_t i, const char *body)
{
	size_t rooms = (size_t)run->o.rooms;
	struct room *room = &run->rooms[i % rooms];

	if (!last_value(body, "\"token\":\"", "\"", room->tokens[i / rooms],
		TOKEN_MAX) ||
	    !last_value(body, "\"cursor\":\"", "\"", room->cursor, CURSOR_MAX))
		give_up_because("joining gave no token or cursor", body);
}

static void
name_rooms(struct run *run)
{
	size_t rooms = (size_t)run->o.rooms;
	unsigned tag = (unsigned)(now_ns() ^ getpid());

	run->rooms = need(rooms, sizeof(*run->rooms));
	for (size_t i = 0; i < rooms; i++) {
		struct room *r = &run->rooms[i];

		r->tokens = need((size_t)run->o.people, TOKEN_MAX);
		if (run->o.room != NULL)
			(void)snprintf(
			    r->name, sizeof(r->name), "%s", run->o.room);
		else
			(void)snprintf(r->name, sizeof(r->name),
			    "load-%08x-%06zx", tag, i);
	}
}

void
setup(struct run *run)
{
	size_t rooms = (size_t)run->o.rooms;
	struct batch creating = {
		.run = run, .n = rooms, .make = make_room, .take = take_room
	};
	struct batch joining = { .run = run,
		.n = rooms * (size_t)run->o.people,
		.make = make_person,
		.take = take_person };

	name_rooms(run);
	if (!run->o.dialect->has_people)
		return;
	if (run->o.room == NULL)
		run_batch(&creating);
	run_batch(&joining);
}
