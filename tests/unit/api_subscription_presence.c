/* How a subscription makes its user present, and when it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/feed/cursor.h"
#include "db/chat/room_change.h"
#include "db/chat/room_end.h"
#include "db/chat/last_delivered.h"
#include "db/rows/disconnects.h"
#include "db/rows/listeners.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/make.h"
#include "tests/lib/subscriber.h"
#include "tests/lib/write.h"

/* Of the daemon that answers the polls; NULL: it has none. */
static struct last_delivered *notes;

struct entering {
	struct subscriber *subscriber;
	struct entry entry;
};

static enum db_rc
enter(struct db *db, void *arg)
{
	struct entering *e = arg;

	return subscription_enter(
	    db, &e->subscriber->sub, &e->entry, &e->subscriber->why);
}

static enum db_rc
entered(struct subscriber *s, enum transport transport, int64_t lease_ms)
{
	struct entering e = { s,
		{ .transport = transport,
		    .lease_ms = lease_ms,
		    .notes = notes,
		    .grace_ms = FIXTURE_GRACE } };

	return db_write(s->fixture->db, enter, &e);
}

static int
needs(struct subscriber *s, int64_t lease_ms)
{
	struct entry entry = { .transport = s->sub.protocol == &poll_protocol ?
		    TRANSPORT_POLL :
		    TRANSPORT_STREAM,
		.lease_ms = lease_ms,
		.notes = notes,
		.grace_ms = FIXTURE_GRACE };
	int needs;

	assert_int_equal(
	    subscription_needs(s->fixture->db, &s->sub, &entry, &needs), DB_OK);
	return needs;
}

static void
entering_makes_present_in_every_room_once(void **state)
{
	struct subscriber *s = *state;
	struct log_state log;

	assert_int_equal(
	    subscriber_query(s, "rooms=lobby,cellar&conn=tab"), DB_OK);
	assert_int_equal(presence_online(s->fixture->db, s->seat.id), DB_NONE);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(presence_online(s->fixture->db, s->seat.id), DB_OK);
	assert_true(s->sub.seats[0].presence.n > 0);
	assert_true(s->sub.seats[1].presence.n > 0);
	assert_int_equal(events_state(s->fixture->db, &log), DB_OK);
	assert_true(log.head > s->log.head);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(events_state(s->fixture->db, &s->log), DB_OK);
	assert_int_equal(log.head, s->log.head);
}

static void
a_poll_enters_again_only_when_its_lease_runs_short(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(subscriber_query(s, "rooms=lobby,cellar"), DB_OK);
	assert_int_equal(needs(s, 1000), SUBSCRIPTION_MUST_ENTER);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	/* The room's grace is added to what was asked for. */
	assert_int_equal(needs(s, 15000), SUBSCRIPTION_PRESENT);
	assert_int_equal(needs(s, 15001), SUBSCRIPTION_MUST_ENTER);
	fake_clock_lease += 10000;
	assert_int_equal(needs(s, 5000), SUBSCRIPTION_PRESENT);
	assert_int_equal(needs(s, 5001), SUBSCRIPTION_MUST_ENTER);
}

/* Kim polls the lobby from CURSOR on; gives the cursor of what lee then says. */
static int64_t
heard_until(struct subscriber *s, int64_t cursor)
{
	struct buf query = BUF_INIT;
	struct message_draft m = { .content = "hello" };

	buf_adds(&query, "rooms=lobby&cursor=");
	cursor_add(&query, s->log.epoch, cursor);
	assert_int_equal(subscriber_query(s, buf_str(&query)), DB_OK);
	buf_done(&query);
	if (needs(s, 10000) == SUBSCRIPTION_MUST_ENTER)
		assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(
	    act_send(s->fixture, &s->lobby, s->lee, &m, NULL), DB_OK);
	return eventlog_head(s->fixture);
}

static void
A1_a_poll_whose_answer_is_noted_writes_nothing(void **state)
{
	struct subscriber *s = *state;
	int64_t first, second, slot;
	struct chatter lee;

	notes = last_delivered_open(s->fixture->store, 4);
	assert_int_equal(
	    act_join(s->fixture, &s->lobby, s->lee, "lee", &lee), DB_OK);
	first = heard_until(s, eventlog_head(s->fixture));
	slot = s->sub.seats[0].slot;
	assert_true(last_delivered_put_for_row(notes, slot, first));
	second = heard_until(s, first);
	assert_int_equal(s->sub.seats[0].slot, slot);
	assert_true(last_delivered_put_for_row(notes, slot, second));
	/* The answer was lost. */
	assert_int_equal(needs(s, 10000), SUBSCRIPTION_MUST_ENTER);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(
	    last_delivered_get(notes, s->fixture->db, slot), first);
	assert_int_equal(needs(s, 10000), SUBSCRIPTION_PRESENT);
	last_delivered_close(notes);
	notes = NULL;
}

static enum db_rc
say_goodbye(struct db *db, void *arg)
{
	const struct subscriber *s = arg;

	return arrivals_goodbye(db, s->kim, "tab");
}

static enum db_rc
prune_goodbyes(struct db *db, void *arg)
{
	(void)arg;
	return disconnects_prune(db, 10);
}

static void
a_poll_behind_its_goodbye_makes_nobody_present(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(subscriber_query(s, "rooms=lobby&conn=tab"), DB_OK);
	assert_int_equal(db_write(s->fixture->db, say_goodbye, s), DB_OK);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(presence_online(s->fixture->db, s->seat.id), DB_NONE);
	assert_int_equal(listeners_any(s->fixture->db, s->kim), DB_NONE);
	/* Other connections, other people and later polls are not affected. */
	assert_int_equal(subscriber_query(s, "rooms=lobby&conn=tab2"), DB_OK);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(presence_online(s->fixture->db, s->seat.id), DB_OK);
	assert_int_equal(
	    disconnects_said(s->fixture->db, s->lee, "tab"), DB_NONE);
	fake_clock_lease += DISCONNECT_KEEP_MS;
	fake_clock_wall -=
	    3600000; /* the wall clock is set back, which changes nothing */
	assert_int_equal(
	    disconnects_said(s->fixture->db, s->kim, "tab"), DB_OK);
	assert_int_equal(disconnects_due(s->fixture->db), DB_NONE);
	fake_clock_lease++;
	assert_int_equal(
	    disconnects_said(s->fixture->db, s->kim, "tab"), DB_NONE);
	assert_int_equal(disconnects_due(s->fixture->db), DB_OK);
	assert_int_equal(db_write(s->fixture->db, prune_goodbyes, NULL), DB_OK);
	assert_int_equal(
	    db_write(s->fixture->db, prune_goodbyes, NULL), DB_NONE);
	assert_int_equal(disconnects_due(s->fixture->db), DB_NONE);
}

static void
a_goodbye_of_before_the_machine_was_started_is_forgotten(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(db_write(s->fixture->db, say_goodbye, s), DB_OK);
	assert_int_equal(
	    disconnects_said(s->fixture->db, s->kim, "tab"), DB_OK);
	fixture_reboot(s->fixture, 0);
	assert_int_equal(
	    disconnects_said(s->fixture->db, s->kim, "tab"), DB_NONE);
}

static void
a_stream_always_enters(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(subscriber_query(s, "rooms=lobby&as=sse"), DB_OK);
	assert_int_equal(needs(s, 0), SUBSCRIPTION_MUST_ENTER);
}

static void
who_left_since_the_check_does_not_enter(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(subscriber_query(s, "rooms=lobby"), DB_OK);
	act_leave(s->fixture, &s->lobby, &s->seat, LEAVE_LEFT);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_NOT_IN_ROOM);
	subscriber_assert_refused(s, "rooms=lobby", PROBLEM_NOT_IN_ROOM);
}

static enum db_rc
delete_lobby(struct db *db, void *arg)
{
	struct subscriber *s = arg;

	return room_end_delete(db, &s->lobby);
}

static void
a_room_that_was_deleted_since_the_check_is_not_entered(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(subscriber_query(s, "rooms=cellar,lobby"), DB_OK);
	assert_int_equal(db_write(s->fixture->db, delete_lobby, s), DB_OK);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_NOT_IN_ROOM);
	/* Nor is kim present in the cellar, by half a subscription. */
	assert_int_equal(
	    presence_online(s->fixture->db, s->sub.seats[0].chatter), DB_NONE);
	subscriber_assert_refused(s, "rooms=lobby", PROBLEM_NOT_FOUND);
}

static enum db_rc
expire_lobby(struct db *db, void *arg)
{
	struct subscriber *s = arg;
	struct room_draft draft = write_no_change;

	draft.expires = fake_clock_wall + 1000;
	return room_change(db, &s->lobby, &draft);
}

static void
an_expired_room_is_heard_without_presence(void **state)
{
	struct subscriber *s = *state;

	assert_int_equal(db_write(s->fixture->db, expire_lobby, s), DB_OK);
	fake_clock_wall += 1001;
	assert_int_equal(subscriber_query(s, "rooms=lobby"), DB_OK);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_OK);
	assert_int_equal(needs(s, 1000), SUBSCRIPTION_PRESENT);
	assert_int_equal(s->sub.seats[0].presence.n, 0);
	assert_int_equal(presence_online(s->fixture->db, s->seat.id), DB_NONE);
}

static void
a_full_room_refuses_who_was_offline(void **state)
{
	struct subscriber *s = *state;

	for (int i = 0; i < 2; i++)
		(void)make_member(s->fixture, &s->lobby, NULL);
	assert_int_equal(subscriber_query(s, "rooms=lobby"), DB_OK);
	assert_int_equal(entered(s, TRANSPORT_POLL, 10000), DB_CONFLICT);
	assert_int_equal(s->why, PROBLEM_ROOM_FULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SUBSCRIBER_TEST(entering_makes_present_in_every_room_once),
		SUBSCRIBER_TEST(
		    a_poll_enters_again_only_when_its_lease_runs_short),
		SUBSCRIBER_TEST(A1_a_poll_whose_answer_is_noted_writes_nothing),
		SUBSCRIBER_TEST(a_poll_behind_its_goodbye_makes_nobody_present),
		SUBSCRIBER_TEST(
		    a_goodbye_of_before_the_machine_was_started_is_forgotten),
		SUBSCRIBER_TEST(a_stream_always_enters),
		SUBSCRIBER_TEST(who_left_since_the_check_does_not_enter),
		SUBSCRIBER_TEST(
		    a_room_that_was_deleted_since_the_check_is_not_entered),
		SUBSCRIBER_TEST(an_expired_room_is_heard_without_presence),
		SUBSCRIBER_TEST(a_full_room_refuses_who_was_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
