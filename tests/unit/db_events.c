/* The log: commit order, scopes, counting, pruning, and a head that stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/rows/events.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/tmpdir.h"

static const struct scope lobby = { SCOPE_ROOM, 1 }, cellar = { SCOPE_ROOM, 2 },
			  kim = { SCOPE_USER, 1 };

struct writer_batch {
	struct scope scope;
	int n;
	int64_t ends;
	enum db_rc outcome;
};

static enum db_rc
append(struct db *db, void *arg)
{
	const struct writer_batch *b = arg;
	struct buf data = BUF_INIT;
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < b->n; i++) {
		buf_clear(&data);
		buf_addf(&data, "{\"n\":%d}", i);
		rc =
		    events_append(db, b->scope, EVENT_PRESENCE, &data, b->ends);
	}
	buf_done(&data);
	return rc == DB_OK ? b->outcome : rc;
}

static void
happen(struct fixture *f, struct scope scope, int n)
{
	struct writer_batch b = { scope, n, EVENT_ENDS_NOBODY, DB_OK };

	assert_int_equal(db_write(f->db, append, &b), DB_OK);
}

/* lobby 1..3, cellar 4..5, kim 6, lobby 7..10. */
static void
happen_here_and_there(struct fixture *f)
{
	happen(f, lobby, 3);
	happen(f, cellar, 2);
	happen(f, kim, 1);
	happen(f, lobby, 4);
}

static struct log_state
log_of(struct fixture *f)
{
	struct log_state log;

	assert_int_equal(events_state(f->db, &log), DB_OK);
	return log;
}

/* Appends the seq of each event to a buf, as in "4 5 ". */
static enum events_go
note(const struct event *e, void *arg)
{
	buf_addf(arg, "%d ", (int)e->seq);
	return EVENTS_GO_ON;
}

static void
an_empty_log_has_head_and_floor_0_and_an_epoch(void **state)
{
	struct log_state log = log_of(*state);
	struct fixture *f = *state;
	struct buf seen = BUF_INIT;

	assert_int_equal(log.head, 0);
	assert_int_equal(log.floor, 0);
	assert_int_equal(strspn(log.epoch, "0123456789abcdef"), EPOCH_LEN);
	assert_int_equal(events_after(f->db, 0, 10, note, &seen), DB_NONE);
	assert_int_equal(
	    events_of(f->db, &lobby, 1, 0, 10, 10, note, &seen), DB_NONE);
}

static enum events_go
check_event(const struct event *e, void *arg)
{
	int *n = arg;

	assert_int_equal(e->seq, 1);
	assert_int_equal(e->scope.type, SCOPE_USER);
	assert_int_equal(e->scope.id, 1);
	assert_string_equal(e->kind, "presence");
	assert_int_equal(e->len, 7);
	assert_memory_equal(e->data, "{\"n\":0}", 8);
	assert_int_equal(e->ends, 77);
	(*n)++;
	return EVENTS_GO_ON;
}

static void
an_event_is_lent_as_it_was_appended(void **state)
{
	struct writer_batch b = { kim, 1, 77, DB_OK };
	struct fixture *f = *state;
	int n = 0;

	assert_int_equal(db_write(f->db, append, &b), DB_OK);
	assert_int_equal(events_after(f->db, 0, 10, check_event, &n), DB_OK);
	assert_int_equal(n, 1);
}

static const struct {
	int after, limit;
	enum db_rc rc;
	const char *seen;
} tails[] = {
	{ 0, 100, DB_OK, "1 2 3 4 5 6 7 8 9 10 " },
	{ 0, 3, DB_OK, "1 2 3 " },
	{ 3, 3, DB_OK, "4 5 6 " },
	{ 9, 3, DB_OK, "10 " },
	{ 10, 3, DB_NONE, "" },
	{ 99, 3, DB_NONE, "" },
};

static void
the_tail_is_everything_after_a_seq_in_order(void **state)
{
	struct fixture *f = *state;
	struct buf seen = BUF_INIT;

	happen_here_and_there(f);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		buf_clear(&seen);
		assert_int_equal(events_after(f->db, tails[i].after,
				     tails[i].limit, note, &seen),
		    tails[i].rc);
		assert_string_equal(buf_str(&seen), tails[i].seen);
	}
	buf_done(&seen);
}

static const struct scope some[] = { { SCOPE_ROOM, 1 }, { SCOPE_ROOM, 2 },
	{ SCOPE_USER, 1 }, { SCOPE_ROOM, 9 } };

static const struct {
	int from, n; /* scopes some[from], n of them */
	int after, upto, limit;
	const char *seen;
} pages[] = {
	{ 0, 1, 0, 99, 99, "1 2 3 7 8 9 10 " },
	{ 0, 1, 2, 99, 3, "3 7 8 " },
	{ 0, 1, 0, 8, 99, "1 2 3 7 8 " },
	{ 0, 2, 0, 99, 99, "1 2 3 4 5 7 8 9 10 " },
	{ 0, 3, 2, 99, 4, "3 4 5 6 " },
	{ 0, 4, 0, 99, 99, "1 2 3 4 5 6 7 8 9 10 " },
	{ 1, 2, 0, 99, 99, "4 5 6 " },
	{ 2, 1, 0, 99, 99, "6 " },
	{ 3, 1, 0, 99, 99, "" },
	{ 0, 0, 0, 99, 99, "" },
	{ 1, 1, 5, 99, 99, "" },
};

static void
scopes_are_heard_alone_merged_in_the_order_of_the_log(void **state)
{
	struct fixture *f = *state;
	struct buf seen = BUF_INIT;

	happen_here_and_there(f);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		buf_clear(&seen);
		assert_int_equal(
		    events_of(f->db, some + pages[i].from, (size_t)pages[i].n,
			pages[i].after, pages[i].upto, pages[i].limit, note,
			&seen),
		    pages[i].seen[0] != '\0' ? DB_OK : DB_NONE);
		assert_string_equal(buf_str(&seen), pages[i].seen);
	}
	buf_done(&seen);
}

static void
events_are_counted_no_further_than_the_limit(void **state)
{
	struct fixture *f = *state;
	int64_t n;

	happen_here_and_there(f);
	assert_int_equal(events_count(f->db, some, 1, 0, 99, &n), DB_OK);
	assert_int_equal(n, 7);
	assert_int_equal(events_count(f->db, some, 4, 2, 99, &n), DB_OK);
	assert_int_equal(n, 8);
	assert_int_equal(events_count(f->db, some, 4, 2, 5, &n), DB_OK);
	assert_int_equal(n, 5);
	assert_int_equal(events_count(f->db, some, 4, 10, 5, &n), DB_OK);
	assert_int_equal(n, 0);
}

static const struct {
	int n, newest, after;
} newest[] = {
	{ 1, 1, 9 },
	{ 1, 4, 6 },
	{ 1, 5, 2 },
	{ 1, 7, 0 },
	{ 1, 8, 0 },
	{ 3, 5, 5 },
	{ 4, 10, 0 },
	{ 4, 1000, 0 },
};

static void
the_newest_follow_the_seq_that_is_given(void **state)
{
	struct fixture *f = *state;
	int64_t after;

	happen_here_and_there(f);
	for (size_t i = 0; i < sizeof(newest) / sizeof(newest[0]); i++) {
		assert_int_equal(events_newest(f->db, some, (size_t)newest[i].n,
				     newest[i].newest, &after),
		    DB_OK);
		assert_int_equal(after, newest[i].after);
	}
}

static void
sixty_four_scopes_can_be_heard_at_once(void **state)
{
	struct fixture *f = *state;
	struct scope scopes[64];
	struct buf seen = BUF_INIT;

	for (int i = 0; i < 64; i++) {
		scopes[i] = (struct scope){ SCOPE_ROOM, INT64_MAX - i };
		happen(f, scopes[i], 2);
	}
	happen(f, lobby, 1);
	assert_int_equal(
	    events_of(f->db, scopes, 64, 120, 999, 99, note, &seen), DB_OK);
	assert_string_equal(buf_str(&seen), "121 122 123 124 125 126 127 128 ");
	buf_done(&seen);
}

static void
what_was_undone_leaves_no_hole_in_the_log(void **state)
{
	struct writer_batch undone = { lobby, 5, EVENT_ENDS_NOBODY,
		DB_CONFLICT };
	struct fixture *f = *state;

	happen(f, lobby, 1);
	assert_int_equal(db_write(f->db, append, &undone), DB_CONFLICT);
	happen(f, lobby, 1);
	assert_int_equal(log_of(f).head, 2);
}

struct pruning {
	int64_t before, keep;
	int limit;
};

static enum db_rc
prune(struct db *db, void *arg)
{
	const struct pruning *p = arg;

	return events_prune(db, p->before, p->keep, p->limit);
}

static enum db_rc
pruned(struct fixture *f, int64_t before, int64_t keep, int limit)
{
	struct pruning how = { before, keep, limit };

	return db_write(f->db, prune, &how);
}

static void
the_oldest_beyond_the_number_to_keep_are_dropped_a_few_at_a_time(void **state)
{
	struct fixture *f = *state;

	happen_here_and_there(f);
	assert_int_equal(pruned(f, 0, 5, 3), DB_OK);
	assert_int_equal(log_of(f).floor, 3);
	assert_int_equal(pruned(f, 0, 5, 3), DB_OK);
	assert_int_equal(log_of(f).floor, 5);
	assert_int_equal(pruned(f, 0, 5, 3), DB_NONE);
	assert_int_equal(log_of(f).head, 10);
}

static void
what_is_too_old_is_dropped_and_what_is_not_stays(void **state)
{
	struct buf seen = BUF_INIT;
	struct fixture *f = *state;
	int64_t then = fake_clock_wall;

	happen(f, lobby, 3);
	fake_clock_advance(1000);
	happen(f, lobby, 3);
	assert_int_equal(pruned(f, then, 100, 99), DB_NONE);
	assert_int_equal(pruned(f, then + 1000, 100, 99), DB_OK);
	assert_int_equal(log_of(f).floor, 3);
	assert_int_equal(events_after(f->db, 0, 99, note, &seen), DB_OK);
	assert_string_equal(buf_str(&seen), "4 5 6 ");
	buf_done(&seen);
}

static void
the_head_stays_when_everything_is_dropped_and_seqs_go_on(void **state)
{
	struct fixture *f = *state;

	happen(f, lobby, 4);
	assert_int_equal(pruned(f, 0, 0, 99), DB_OK);
	assert_int_equal(log_of(f).head, 4);
	assert_int_equal(log_of(f).floor, 4);
	store_close(f->store);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
	assert_int_equal(log_of(f).head, 4);
	happen(f, lobby, 1);
	assert_int_equal(log_of(f).head, 5);
	assert_int_equal(log_of(f).floor, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(an_empty_log_has_head_and_floor_0_and_an_epoch),
		FIXTURE_TEST(an_event_is_lent_as_it_was_appended),
		FIXTURE_TEST(the_tail_is_everything_after_a_seq_in_order),
		FIXTURE_TEST(
		    scopes_are_heard_alone_merged_in_the_order_of_the_log),
		FIXTURE_TEST(events_are_counted_no_further_than_the_limit),
		FIXTURE_TEST(the_newest_follow_the_seq_that_is_given),
		FIXTURE_TEST(sixty_four_scopes_can_be_heard_at_once),
		FIXTURE_TEST(what_was_undone_leaves_no_hole_in_the_log),
		FIXTURE_TEST(
		    the_oldest_beyond_the_number_to_keep_are_dropped_a_few_at_a_time),
		FIXTURE_TEST(what_is_too_old_is_dropped_and_what_is_not_stays),
		FIXTURE_TEST(
		    the_head_stays_when_everything_is_dropped_and_seqs_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
