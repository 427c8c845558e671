#include "tests/load/posters.h"

#include <stdio.h>
#include <string.h>

#include "tests/load/mark.h"

enum { AGAIN_MS = 20, LATER_S = 3600 };

struct poster {
	struct conn conn;
	struct posters *all;
	uint32_t *numbers; /* the next, for each room */
	uint32_t room;
	uint64_t turn;
	int64_t due;
	int idle;
	int64_t again; /* when to send the message again; 0: never */
};

struct posters {
	struct run *run;
	struct poster *posters;
	size_t n, n_idle;
	int64_t begin;
	uint64_t begun; /* messages */
	int stopped;
	char *content;
};

static size_t
make(struct poster *p, char *request)
{
	struct posters *all = p->all;
	struct run *run = all->run;
	const struct room *room = &run->rooms[p->room];
	struct mark m = { p->room, (uint32_t)(p - all->posters),
		p->numbers[p->room], p->due };
	char key[64];
	struct ask a = { .room = room->name,
		.token = room->tokens[0],
		.content = all->content,
		.key = key,
		.path = run->o.path };

	if (run->o.mode == MODE_GET)
		return run->o.dialect->get(request, &a);
	mark_write(all->content, &m);
	(void)snprintf(key, sizeof(key), "%016llx.%x.%x.%x",
	    (unsigned long long)m.time, m.room, m.publisher, m.number);
	return run->o.dialect->post(request, &a);
}

static void
send_it(struct poster *p)
{
	char request[REQUEST_MAX];
	size_t len = make(p, request);

	conn_ask(&p->conn, request, len);
}

static int
wanted(const struct posters *all)
{
	uint64_t most = (uint64_t)all->run->o.messages;

	return !all->stopped && (most == 0 || all->begun < most);
}

static void
begin(struct poster *p, int64_t due)
{
	struct posters *all = p->all;
	uint64_t rooms = (uint64_t)all->run->o.post_rooms;
	uint64_t turn = all->run->o.rate > 0 ?
	    all->begun :
	    (uint64_t)(p - all->posters) + p->turn++ * all->n;

	p->due = due;
	all->run->awaited[p - all->posters] =
	    all->run->o.heard ? (uint32_t)all->run->o.readers : 0;
	p->room = (uint32_t)(turn % rooms);
	all->begun++;
	send_it(p);
}

/* In a loop the next message follows at once; at a rate the tick posts it. */
static void
go_on(struct poster *p, int64_t now)
{
	struct posters *all = p->all;

	if (all->run->o.rate == 0 && !all->run->o.heard && wanted(all)) {
		begin(p, now);
		return;
	}
	p->idle = 1;
	all->n_idle++;
	if (all->run->o.rate > 0)
		(void)posters_tick(all, now);
}

static void
answered(struct conn *c, int status, const char *body)
{
	struct poster *p = (struct poster *)(void *)c;
	struct run *run = p->all->run;
	int64_t now = now_ns();

	if (status / 100 == 2) {
		p->numbers[p->room]++;
		run->rooms[p->room].acknowledged++;
		run->counts.posted++;
		histogram_add(&run->answers, now - p->due);
		go_on(p, now);
		return;
	}
	if (run->counts.failed++ == 0 && run->o.retry_ms == 0)
		(void)fprintf(stderr, "load: answer %d %s\n", status, body);
	p->again = now + AGAIN_MS * NS_PER_MS;
}

static size_t
content_len(const struct options *o)
{
	size_t around = o->dialect->around, frame = (size_t)o->frame;
	size_t len = frame > around + MARK_LEN ? frame - around : MARK_LEN;

	if (len > REQUEST_MAX / 4)
		give_up_because("--frame", "is too long");
	return len;
}

struct posters *
posters_open(struct run *run)
{
	struct posters *all = need(1, sizeof(*all));
	size_t len = content_len(&run->o);

	all->run = run;
	all->n = (size_t)run->o.posters;
	all->content = need(len + 1, 1);
	memset(all->content, 'x', len);
	all->posters = need(all->n, sizeof(*all->posters));
	all->stopped = 1;
	for (size_t i = 0; i < all->n; i++) {
		struct poster *p = &all->posters[i];

		p->all = all;
		p->numbers = need((size_t)run->o.rooms, sizeof(uint32_t));
		conn_init(&p->conn, &run->loop, i);
		p->conn.answered = answered;
		p->idle = 1;
		all->n_idle++;
	}
	return all;
}

void
posters_go(struct posters *all)
{
	all->stopped = 0;
	all->begun = 0;
	all->begin = now_ns();
}

static void
send_again(struct posters *all, int64_t now)
{
	for (size_t i = 0; i < all->n; i++) {
		struct poster *p = &all->posters[i];

		if (p->again == 0 || p->again > now)
			continue;
		p->again = 0;
		send_it(p);
	}
}

/*
 * A poster that may post: its last message is answered and, if that counts,
 * received.
 */
static struct poster *
next_idle(const struct posters *all)
{
	for (size_t i = 0; all->n_idle > 0 && i < all->n; i++)
		if (all->posters[i].idle && all->run->awaited[i] == 0)
			return &all->posters[i];
	return NULL;
}

int64_t
posters_tick(struct posters *all, int64_t now)
{
	int64_t rate = all->run->o.rate, due = now;
	struct poster *p;

	if (all->run->counts.failed > 0)
		send_again(all, now);
	while (wanted(all) && (p = next_idle(all)) != NULL) {
		if (rate > 0)
			due = all->begin +
			    (int64_t)((double)all->begun * NS_PER_S /
				(double)rate);
		if (due > now)
			return due;
		p->idle = 0;
		all->n_idle--;
		begin(p, due);
	}
	return now + LATER_S * NS_PER_S;
}

void
posters_stop(struct posters *all)
{
	all->stopped = 1;
}

int
posters_finished(const struct posters *all)
{
	return !wanted(all);
}

size_t
posters_busy(const struct posters *all)
{
	return all->n - all->n_idle;
}
