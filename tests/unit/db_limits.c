/* What takes too much for one write, or for all writers together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <semaphore.h>

#include "tests/unit/place.h"

enum { CROWD = 501, ENOUGH = 100000 };

static enum db_rc
change(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_change(db, d->room, &d->draft);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return rooms_close_expired(db, 1);
}

static void
a_room_is_closed_after_the_last_of_a_crowd_was_sent_away(void **state)
{
	static const char closed[] = "room -9223372036854775808 ";
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), CROWD);
	struct deed d = { .place = p, .room = &room, .draft = room_as_it_is };
	int64_t head;

	for (int i = 0; i < CROWD; i++)
		(void)place_newcomer(p, &room, NULL);
	d.draft.expires = place_wall + 1;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	place_wait(1);
	head = place_head(p);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_true(place_online(p, &room) == 1);
	assert_int_equal(place_told(p, head, closed), 0);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_true(place_online(p, &room) == 0);
	assert_int_equal(place_told(p, head, closed), 1);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_NONE);
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
	return datadir_open(state, STORE_THREAD);
}

static void
when_too_many_wait_for_the_writer_the_next_is_told_to_come_back(void **state)
{
	struct place *p = *state;
	struct blocked b;
	struct db_job first = { .fn = wait_in_it, .arg = &b, .done = keep };
	struct db_job *jobs = calloc(ENOUGH, sizeof(*jobs));
	int n = 0;

	assert_int_equal(sem_init(&b.begun, 0, 0), 0);
	assert_int_equal(sem_init(&b.others, 0, 0), 0);
	assert_int_equal(db_post(p->store, &first), DB_OK);
	while (sem_wait(&b.begun) != 0)
		continue;
	for (enum db_rc rc = DB_OK; rc == DB_OK && n < ENOUGH; n++) {
		jobs[n] = (struct db_job){ .fn = nothing, .done = keep };
		rc = db_post(p->store, &jobs[n]);
		assert_true(rc == DB_OK || rc == DB_BUSY);
	}
	assert_in_range(n, 1000, 10000);
	assert_int_equal(sem_post(&b.others), 0);
	/* What was posted is written before the store is closed. */
	store_close(p->store);
	p->store = tmpdir_open(p->dir, STORE_DIRECT);
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
		    place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(
		    when_too_many_wait_for_the_writer_the_next_is_told_to_come_back,
		    setup_thread, place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
