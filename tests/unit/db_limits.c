/* Work that is too large for one write is done in portions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <semaphore.h>

#include "db/chat/room_change.h"
#include "db/chat/room_end.h"
#include "db/rows/rooms.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/tmpdir.h"
#include "tests/lib/write.h"

enum { CROWD = 501, ENOUGH = 100000 };

static enum db_rc
change(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_change(db, w->room, &w->draft);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return room_end_close_expired(db, 1);
}

static void
a_room_is_closed_after_the_last_of_a_crowd_was_sent_away(void **state)
{
	static const char closed[] = "room -9223372036854775808 ";
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), CROWD);
	struct write_args w = {
		.fixture = f, .room = &room, .draft = write_no_change
	};
	int64_t head;

	for (int i = 0; i < CROWD; i++)
		(void)make_member(f, &room, NULL);
	w.draft.expires = fake_clock_wall + 1;
	assert_int_equal(db_write(f->db, change, &w), DB_OK);
	fake_clock_advance(1);
	head = eventlog_head(f);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_true(fixture_online(f, &room) == 1);
	assert_int_equal(eventlog_count(f, head, closed), 0);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_true(fixture_online(f, &room) == 0);
	assert_int_equal(eventlog_count(f, head, closed), 1);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_NONE);
}

struct blocked {
	sem_t begun, others;
};

static enum db_rc
wait_in_it(struct db *db, void *arg)
{
	struct blocked *b = arg;

	(void)db;
	assert_int_equal(sem_post(&b->begun), 0);
	while (sem_wait(&b->others) != 0)
		continue;
	return DB_OK;
}

static enum db_rc
nothing(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return DB_OK;
}

static void
keep(struct db_job *job, enum db_rc rc)
{
	job->rc = rc;
}

static int
setup_thread(void **state)
{
	return fixture_setup_mode(state, STORE_THREAD);
}

static void
when_too_many_wait_for_the_writer_the_next_is_told_to_come_back(void **state)
{
	struct fixture *f = *state;
	struct blocked b;
	struct db_job first = { .fn = wait_in_it, .arg = &b, .done = keep };
	struct db_job *jobs = calloc(ENOUGH, sizeof(*jobs));
	int n = 0;

	assert_int_equal(sem_init(&b.begun, 0, 0), 0);
	assert_int_equal(sem_init(&b.others, 0, 0), 0);
	assert_int_equal(db_post(f->store, &first), DB_OK);
	while (sem_wait(&b.begun) != 0)
		continue;
	for (enum db_rc rc = DB_OK; rc == DB_OK && n < ENOUGH; n++) {
		jobs[n] = (struct db_job){ .fn = nothing, .done = keep };
		rc = db_post(f->store, &jobs[n]);
		assert_true(rc == DB_OK || rc == DB_BUSY);
	}
	assert_in_range(n, 1000, 10000);
	assert_int_equal(sem_post(&b.others), 0);
	/* Queued writes are done before the store is closed. */
	store_close(f->store);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	assert_int_equal(sem_destroy(&b.begun), 0);
	assert_int_equal(sem_destroy(&b.others), 0);
	free(jobs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_room_is_closed_after_the_last_of_a_crowd_was_sent_away,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    when_too_many_wait_for_the_writer_the_next_is_told_to_come_back,
		    setup_thread, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
