#include "tests/lib/subscriber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/lib/make.h"
#include "tests/lib/write.h"

enum { SEATS = 2 };

static struct user_id
user(struct fixture *f, struct token *token)
{
	struct write_args w = { .fixture = f };

	assert_int_equal(db_write(f->db, write_user, &w), DB_OK);
	*token = w.token;
	return w.user;
}

struct chatter
subscriber_seat(struct subscriber *s, const struct room *room)
{
	struct write_args w = { .fixture = s->fixture,
		.room = room,
		.user = s->kim,
		.text = "kim" };

	assert_int_equal(db_write(s->fixture->db, write_seat, &w), DB_OK);
	return w.out;
}

int
subscriber_setup(void **state)
{
	struct subscriber *s = calloc(1, sizeof(*s));
	void *fixture;
	struct fixture *f;

	(void)fixture_setup(&fixture);
	f = s->fixture = fixture;
	s->kim = user(f, &s->kims_token);
	s->lee = user(f, &s->lees_token);
	s->lobby = make_room(f, "lobby", s->lee, SEATS);
	s->cellar = make_room(f, "cellar", s->kim, SEATS);
	s->attic = make_room(f, "attic", s->lee, SEATS);
	s->seat = subscriber_seat(s, &s->lobby);
	(void)subscriber_seat(s, &s->cellar);
	assert_int_equal(events_state(f->db, &s->log), DB_OK);
	*state = s;
	return 0;
}

int
subscriber_teardown(void **state)
{
	struct subscriber *s = *state;
	void *fixture = s->fixture;

	free(s);
	return fixture_teardown(&fixture);
}

struct asking {
	struct subscriber *subscriber;
	struct subscription_request r;
};

static enum db_rc
check(struct db *db, void *arg)
{
	struct asking *q = arg;
	struct buf ticket = BUF_INIT;
	struct caller caller;
	enum db_rc rc;

	assert_int_equal(subscription_caller(&q->r, &ticket, &caller), 0);
	rc = subscription_check(db, &q->r, &caller, SUBSCRIBER_REPLAY_MAX,
	    &q->subscriber->sub, &q->subscriber->why);
	buf_done(&ticket);
	return rc;
}

enum db_rc
subscriber_ask(struct subscriber *s, const struct subscription_request *r)
{
	struct asking q = { s, *r };

	q.r.protocols = protocols_http;
	return db_read(s->fixture->db, check, &q);
}

enum db_rc
subscriber_query(struct subscriber *s, const char *query)
{
	struct subscription_request r = { .query = query,
		.token = s->kims_token.s };

	return subscriber_ask(s, &r);
}

void
subscriber_assert_refused(
    struct subscriber *s, const char *query, enum problem why)
{
	enum db_rc rc = subscriber_query(s, query);

	if (rc != DB_CONFLICT || s->why != why)
		fail_msg("query \"%s\": rc %d, %s, not %s", query, (int)rc,
		    problem_code(s->why), problem_code(why));
}
