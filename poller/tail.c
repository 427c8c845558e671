#include "poller/tail.h"

#include <string.h>

#include "db/rows/events.h"

enum { EVENTS_AT_ONCE = 512 };

struct batch {
	struct view *view;
	struct tail_news *news;
	int n;
	int hole; /* the log lacks the event that should come next */
};

static enum events_go
append(const struct event *e, void *arg)
{
	struct batch *b = arg;
	struct view *v = b->view;

	if (e->seq != v->head + 1)
		b->hole = 1;
	ring_append(v->ring, e, &b->news->touched);
	v->head = e->seq;
	b->n++;
	return EVENTS_GO_ON;
}

static enum db_rc
read_all(struct batch *b, struct db *db)
{
	enum db_rc rc = DB_OK;

	do {
		b->n = 0;
		rc = events_after(db, b->view->head, EVENTS_AT_ONCE, append, b);
		b->news->n += b->n;
	} while (rc == DB_OK && b->n == EVENTS_AT_ONCE);
	return rc;
}

/* This daemon was suspended for longer than events are kept. */
static int
pass_hole(struct view *v, int64_t told)
{
	struct log_state log;

	if (events_state(v->db, &log) != DB_OK || log.floor <= told)
		return 0;
	ring_raise_floor(v->ring, log.floor);
	return 1;
}

void
tail_read(struct view *v, struct tail_news *news)
{
	struct batch b = { .view = v, .news = news };
	int64_t told = v->head;

	*news = (struct tail_news){ .n = 0 };
	STAILQ_INIT(&news->touched);
	(void)read_all(&b, v->db);
	if (b.hole)
		news->lost = pass_hole(v, told);
}

enum db_rc
tail_open(struct view *v, struct db *db)
{
	const struct settings *s = v->settings;
	struct tail_news news = { .n = 0 };
	struct batch b = { .view = v, .news = &news };
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	if (rc != DB_OK)
		return rc;
	STAILQ_INIT(&news.touched);
	memcpy(v->epoch, log.epoch, sizeof(log.epoch));
	v->ring =
	    ring_open((size_t)s->ring_events, (size_t)s->ring_bytes, log.epoch);
	v->head = log.head - s->ring_events;
	if (v->head < log.floor)
		v->head = log.floor;
	ring_raise_floor(v->ring, v->head);
	rc = read_all(&b, db);
	return rc == DB_NONE ? DB_OK : rc;
}
