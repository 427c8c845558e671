/* Fibers: functions that wait without keeping their thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "db/base/fiber.h"
#include "db/engine/db.h"
#include "db/engine/sqlite/connection.h"
#include "tests/lib/fixture.h"

enum { MANY = 100, DEEP = 64 * 1024 };

/* A function that waits WAITS times. */
struct scene {
	struct fiber_wait wait;
	pthread_t thread; /* in which it runs */
	int waits, steps, started, broken_off;
	atomic_int ready;
	int wakes_at_once;
};

static void
start(void *arg)
{
	struct scene *s = arg;

	s->started++;
	if (s->wakes_at_once) {
		fiber_wake(&s->wait);
		fiber_wake_flush();
	}
}

static void
play(void *arg)
{
	struct scene *s = arg;

	s->thread = pthread_self();
	for (s->steps = 1; s->steps <= s->waits; s->steps++)
		if (fiber_wait(&s->wait, start, s) != 0)
			s->broken_off++;
}

static void
be_ready(void *arg)
{
	atomic_fetch_add(&((struct scene *)arg)->ready, 1);
}

static void *
wake_all(void *arg)
{
	struct scene **all = arg;

	for (; *all != NULL; all++)
		fiber_wake(&(*all)->wait);
	fiber_wake_flush();
	return NULL;
}

/* Ends the waits of a list that ends with NULL, in another thread. */
static void
wake_from_elsewhere(struct scene **all)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wake_all, all), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void
a_fiber_that_does_not_wait_ends_at_once(void **state)
{
	struct scene s = { .waits = 0 };

	(void)state;
	assert_int_equal(
	    fiber_run(fiber_open(play, be_ready, &s)), FIBER_ENDED);
	assert_int_equal(s.steps, 1);
	assert_true(pthread_equal(s.thread, pthread_self()));
}

static void
a_fiber_that_waits_gives_its_thread_back_and_goes_on_there(void **state)
{
	struct scene s = { .waits = 2 };
	struct scene *all[] = { &s, NULL };
	struct fiber *f = fiber_open(play, be_ready, &s);

	(void)state;
	for (int i = 1; i <= 2; i++) {
		assert_int_equal(fiber_run(f), FIBER_WAITS);
		assert_int_equal(s.started, i - 1);
		fiber_begin_wait(f);
		assert_int_equal(s.started, i);
		assert_int_equal(s.ready, i - 1);
		wake_from_elsewhere(all);
		assert_int_equal(s.ready, i);
	}
	assert_int_equal(fiber_run(f), FIBER_ENDED);
	assert_int_equal(s.steps, 3);
	assert_true(pthread_equal(s.thread, pthread_self()));
}

static void
a_wait_may_end_while_it_begins(void **state)
{
	struct scene s = { .waits = 1, .wakes_at_once = 1 };
	struct fiber *f = fiber_open(play, be_ready, &s);

	(void)state;
	assert_int_equal(fiber_run(f), FIBER_WAITS);
	fiber_begin_wait(f);
	assert_int_equal(s.ready, 1);
	assert_int_equal(fiber_run(f), FIBER_ENDED);
}

static int
count_ready(const struct scene *scenes)
{
	int n = 0;

	for (int i = 0; i < MANY; i++)
		n += atomic_load(&scenes[i].ready);
	return n;
}

static void
of_many_waits_that_end_together_one_is_told_and_brings_the_others(void **state)
{
	static struct scene scenes[MANY];
	struct scene *all[MANY + 1] = { NULL };
	struct fiber *fibers[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		all[i] = &scenes[i];
		scenes[i] = (struct scene){ .waits = 1 };
		fibers[i] = fiber_open(play, be_ready, all[i]);
		assert_int_equal(fiber_run(fibers[i]), FIBER_WAITS);
		fiber_begin_wait(fibers[i]);
	}
	wake_from_elsewhere(all);
	assert_int_equal(count_ready(scenes), 1);
	fiber_collect();
	assert_int_equal(count_ready(scenes), MANY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(fiber_run(fibers[i]), FIBER_ENDED);
}

static void
fibers_that_are_told_apart_are_each_told(void **state)
{
	struct scene one = { .waits = 1 }, other = { .waits = 1 };
	struct scene *first[] = { &one, NULL }, *second[] = { &other, NULL };
	struct fiber *a = fiber_open(play, be_ready, &one);
	struct fiber *b = fiber_open(play, be_ready, &other);

	(void)state;
	assert_int_equal(fiber_run(a), FIBER_WAITS);
	fiber_begin_wait(a);
	assert_int_equal(fiber_run(b), FIBER_WAITS);
	fiber_begin_wait(b);
	wake_from_elsewhere(first);
	wake_from_elsewhere(second);
	assert_int_equal(one.ready + other.ready, 2);
	assert_int_equal(fiber_run(a), FIBER_ENDED);
	assert_int_equal(fiber_run(b), FIBER_ENDED);
}

static void
a_wait_here_keeps_the_thread_and_tells_nobody(void **state)
{
	struct scene s = { .waits = 1, .wakes_at_once = 1 };
	struct fiber *f = fiber_open(play, be_ready, &s);

	(void)state;
	assert_int_equal(fiber_run(f), FIBER_WAITS);
	fiber_wait_here(f);
	assert_int_equal(s.ready, 0);
	assert_int_equal(fiber_run(f), FIBER_ENDED);
	assert_int_equal(s.broken_off, 0);
}

static void
a_thread_without_a_fiber_waits_itself(void **state)
{
	struct scene s = { .waits = 2, .wakes_at_once = 1 };

	(void)state;
	play(&s);
	assert_int_equal(s.steps, 3);
	assert_int_equal(s.broken_off, 0);
}

static void
a_fiber_broken_off_begins_no_further_wait(void **state)
{
	struct scene s = { .waits = 3 };
	struct scene *all[] = { &s, NULL };
	struct fiber *f = fiber_open(play, be_ready, &s);

	(void)state;
	assert_int_equal(fiber_run(f), FIBER_WAITS);
	fiber_begin_wait(f);
	wake_from_elsewhere(all);
	fiber_break_off(f);
	assert_int_equal(s.started, 1);
	assert_int_equal(s.broken_off, 2);
	assert_int_equal(s.steps, 4);
	s = (struct scene){ .waits = 1 };
	f = fiber_open(play, be_ready, &s);
	assert_int_equal(fiber_run(f), FIBER_WAITS);
	fiber_break_off(f);
	assert_int_equal(s.started, 0);
	assert_int_equal(s.broken_off, 1);
}

static void
use_much_stack(void *arg)
{
	volatile char much[DEEP];
	struct scene *s = arg;

	for (size_t i = 0; i < DEEP; i++)
		much[i] = (char)i;
	play(s);
	for (size_t i = 0; i < DEEP; i++)
		if (much[i] != (char)i)
			s->steps = -1;
}

static void
what_stands_on_a_fibers_stack_stays_while_others_run(void **state)
{
	struct scene one = { .waits = 1 }, other = { .waits = 1 };
	struct scene *all[] = { &one, &other, NULL };
	struct fiber *a = fiber_open(use_much_stack, be_ready, &one);
	struct fiber *b = fiber_open(use_much_stack, be_ready, &other);

	(void)state;
	assert_int_equal(fiber_run(a), FIBER_WAITS);
	assert_int_equal(fiber_run(b), FIBER_WAITS);
	fiber_begin_wait(a);
	fiber_begin_wait(b);
	wake_from_elsewhere(all);
	fiber_collect();
	assert_int_equal(fiber_run(b), FIBER_ENDED);
	assert_int_equal(fiber_run(a), FIBER_ENDED);
	assert_int_equal(one.steps, 2);
	assert_int_equal(other.steps, 2);
}

/* A write of a fiber, and what it left of its thread's marks. */
struct writing {
	struct store *store;
	struct db *db, *after;
	int freeing;
	int freeing_after, hurried_after;
	int64_t made;
	enum db_rc rc;
};

static enum db_rc
count(struct db *db, void *arg)
{
	struct writing *w = arg;

	(void)db;
	w->made++;
	return w->freeing ? DB_CONFLICT : DB_OK;
}

static void
write_something(void *arg)
{
	struct writing *w = arg;

	w->db = store_db(w->store);
	db_freeing(w->db, w->freeing);
	db_hurry(w->db, w->freeing);
	w->rc = db_write(w->db, count, w);
	w->after = store_db(w->store);
	w->freeing_after = w->db->freeing;
	w->hurried_after = w->db->hurried;
	store_rest(w->store);
}

static atomic_int written;

static void
note_written(void *arg)
{
	(void)arg;
	atomic_fetch_add(&written, 1);
}

static void
fibers_of_a_thread_write_through_one_connection_each_its_own_job(void **state)
{
	struct fixture *f = *state;
	struct writing one = { .store = f->store },
		       other = { .store = f->store, .freeing = 1 };
	struct fiber *a = fiber_open(write_something, note_written, &one);
	struct fiber *b = fiber_open(write_something, note_written, &other);

	atomic_store(&written, 0);
	assert_int_equal(fiber_run(a), FIBER_WAITS);
	assert_int_equal(fiber_run(b), FIBER_WAITS);
	assert_int_equal(one.made + other.made, 0);
	fiber_begin_wait(a);
	fiber_begin_wait(b);
	while (atomic_load(&written) < 2)
		fiber_collect();
	assert_int_equal(fiber_run(a), FIBER_ENDED);
	assert_int_equal(fiber_run(b), FIBER_ENDED);
	assert_int_equal(one.made, 1);
	assert_int_equal(one.rc, DB_OK);
	assert_int_equal(other.made, 1);
	assert_int_equal(other.rc, DB_CONFLICT);
	assert_ptr_equal(one.db, other.db);
	assert_ptr_equal(one.db, one.after);
	/* Each has its own marks again. */
	assert_int_equal(one.freeing_after, 0);
	assert_int_equal(one.hurried_after, 0);
	assert_int_equal(other.freeing_after, 1);
	assert_int_equal(other.hurried_after, 1);
}

static void
a_connection_that_cannot_write_is_kept_until_no_fiber_waits_with_it(
    void **state)
{
	struct fixture *f = *state;
	struct writing one = { .store = f->store }, other = one;
	struct fiber *a = fiber_open(write_something, note_written, &one);
	struct fiber *b = fiber_open(write_something, note_written, &other);

	atomic_store(&written, 0);
	assert_int_equal(fiber_run(a), FIBER_WAITS);
	assert_int_equal(fiber_run(b), FIBER_WAITS);
	f->db->read_only = 1;
	store_rest(f->store);
	assert_ptr_equal(store_db(f->store), f->db);
	fiber_begin_wait(a);
	fiber_begin_wait(b);
	while (atomic_load(&written) < 2)
		fiber_collect();
	/* Each of them ends with store_rest. */
	assert_int_equal(fiber_run(a), FIBER_ENDED);
	assert_ptr_equal(other.db, store_db(f->store));
	assert_int_equal(other.db->read_only, 1);
	assert_int_equal(fiber_run(b), FIBER_ENDED);
	f->db = store_db(f->store);
	assert_int_equal(f->db->read_only, 0);
	assert_int_equal(one.rc, DB_OK);
	assert_int_equal(other.rc, DB_OK);
}

static void
a_write_that_is_broken_off_is_not_done(void **state)
{
	struct fixture *f = *state;
	struct writing w = { .store = f->store };
	struct fiber *fiber = fiber_open(write_something, note_written, &w);

	assert_int_equal(fiber_run(fiber), FIBER_WAITS);
	fiber_break_off(fiber);
	assert_int_equal(w.made, 0);
	assert_int_equal(w.rc, DB_BUSY);
}

static int
setup(void **state)
{
	return fixture_setup_mode(state, STORE_THREAD);
}

#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fiber_that_does_not_wait_ends_at_once),
		cmocka_unit_test(
		    a_fiber_that_waits_gives_its_thread_back_and_goes_on_there),
		cmocka_unit_test(a_wait_may_end_while_it_begins),
		cmocka_unit_test(
		    of_many_waits_that_end_together_one_is_told_and_brings_the_others),
		cmocka_unit_test(fibers_that_are_told_apart_are_each_told),
		cmocka_unit_test(a_wait_here_keeps_the_thread_and_tells_nobody),
		cmocka_unit_test(a_thread_without_a_fiber_waits_itself),
		cmocka_unit_test(a_fiber_broken_off_begins_no_further_wait),
		cmocka_unit_test(
		    what_stands_on_a_fibers_stack_stays_while_others_run),
		STORE_TEST(
		    fibers_of_a_thread_write_through_one_connection_each_its_own_job),
		STORE_TEST(
		    a_connection_that_cannot_write_is_kept_until_no_fiber_waits_with_it),
		STORE_TEST(a_write_that_is_broken_off_is_not_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
