#include "poller/subscribe.h"

#include "api/feed/command.h"
#include "api/feed/cursor.h"
#include "api/feed/wire.h"
#include "api/http/problem.h"

void
subscribe_refuse(struct session *s, const struct buf *room, enum problem why)
{
	struct buf data = BUF_INIT;

	buf_addc(&data, '{');
	if (room != NULL && room->len > 0) {
		command_add_room(&data, buf_str(room));
		buf_addc(&data, ',');
	}
	buf_adds(&data, "\"problem\":");
	problem_add_json(why, &data);
	buf_addc(&data, '}');
	s->protocol->control(&s->socket.out, "refused", buf_str(&data));
	buf_done(&data);
}

/* The events of a room from its cursor to the head. */
struct missed {
	struct view *view;
	const struct command *command;
	struct buf events; /* each with a comma behind it */
	int n;
	int lost; /* there are more than fit, or some were pruned */
	int over; /* the seat has been lost meanwhile */
};

static enum events_go
add_missed(const struct event *e, void *arg)
{
	struct missed *m = arg;
	const struct subscription *sub = &m->command->sub;

	if (wire_answer_is_full(m->n++, m->events.len, e->len)) {
		m->lost = 1;
		return EVENTS_STOP;
	}
	wire_add_event(&m->events, m->view->epoch, e);
	buf_addc(&m->events, ',');
	m->over = e->seq > sub->log.head &&
	    events_end_reason(e->ends, sub->seats[0].chatter.n) != NULL;
	return m->over ? EVENTS_STOP : EVENTS_GO_ON;
}

static enum db_rc
read_missed(struct db *db, void *arg)
{
	struct missed *m = arg;
	const struct subscription *sub = &m->command->sub;
	struct scope scope = { SCOPE_ROOM, sub->seats[0].room.n };
	struct log_state log;
	enum db_rc rc = events_state(db, &log);

	if (rc != DB_OK)
		return rc;
	m->lost = sub->cursor < log.floor || !sub->recovered;
	rc = events_of(db, &scope, 1, sub->cursor, m->view->head,
	    WIRE_ANSWER_EVENTS + 1, add_missed, m);
	return rc == DB_NONE ? DB_OK : rc;
}

static void
tell_entered(struct session *s, struct view *v, const struct command *c,
    struct missed *m)
{
	struct buf data = BUF_INIT;

	if (m->events.len > 0)
		m->events.len--;
	buf_addc(&data, '{');
	command_add_room(&data, buf_str(&c->room));
	buf_adds(
	    &data, m->lost ? ",\"recovered\":false" : ",\"recovered\":true");
	buf_adds(&data, ",\"events\":[");
	if (!m->lost)
		buf_add(&data, buf_str(&m->events), m->events.len);
	buf_adds(&data, "],\"cursor\":\"");
	cursor_add(&data, v->epoch, v->head);
	buf_adds(&data, "\"}");
	s->protocol->control(&s->socket.out, "subscribed", buf_str(&data));
	buf_done(&data);
}

/* The session has been told everything up to the head. */
static void
apply_entered(struct session *s, struct view *v, struct departures *departures,
    struct command *c)
{
	struct missed m = { .view = v, .command = c };
	const struct seat *seat = &c->sub.seats[0];
	enum problem why = PROBLEM_NOT_IN_ROOM;

	if (db_read(v->db, read_missed, &m) != DB_OK) {
		m.over = 1;
		why = PROBLEM_BUSY;
	}
	if (!m.over &&
	    session_add_room(s, v, seat->room, seat->chatter, seat->presence) !=
		0) {
		m.over = 1;
		why = PROBLEM_MALFORMED_REQUEST;
	}
	if (m.over) {
		departures_left(departures, seat->presence, c->sub.cursor);
		subscribe_refuse(s, &c->room, why);
	} else
		tell_entered(s, v, c, &m);
	buf_done(&m.events);
}

static void
apply_left(struct session *s, struct view *v, struct departures *departures,
    struct command *c)
{
	struct buf data = BUF_INIT;
	struct presence_id presence =
	    session_drop_room(s, v, c->sub.seats[0].room);

	if (presence.n != 0)
		departures_left(
		    departures, presence, s->socket.progress.delivered);
	buf_addc(&data, '{');
	command_add_room(&data, buf_str(&c->room));
	buf_addc(&data, '}');
	s->protocol->control(&s->socket.out, "unsubscribed", buf_str(&data));
	buf_done(&data);
}

void
subscribe_apply(struct session *s, struct view *v,
    struct departures *departures, struct command *c)
{
	switch (c->outcome) {
	case COMMAND_REFUSED:
		subscribe_refuse(s, &c->room, c->why);
		break;
	case COMMAND_ENTERED:
		apply_entered(s, v, departures, c);
		break;
	case COMMAND_LEFT:
		apply_left(s, v, departures, c);
		break;
	}
}
