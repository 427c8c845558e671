/* Token buckets: how they empty, refill, and are kept apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/rate_limit.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"

enum { MOST = 4, EVERY_MS = 250, US_PER_MS = 1000, HOUR_MS = 3600000 };

static const struct rate_limit four = { .kind = RATE_LIMIT_ROOMS,
	.most = MOST,
	.every_us = (int64_t)EVERY_MS * US_PER_MS };

struct asking {
	const struct rate_limit *bucket;
	int64_t wait;
	enum problem why;
};

static enum db_rc
take_in(struct db *db, void *arg)
{
	struct asking *a = arg;

	return rate_limit_take(db, a->bucket, &a->wait, &a->why);
}

static enum db_rc
peek_in(struct db *db, void *arg)
{
	struct asking *a = arg;

	return rate_limit_peek(db, a->bucket, &a->wait, &a->why);
}

static enum db_rc
give_in(struct db *db, void *arg)
{
	return rate_limit_give(db, arg);
}

static enum db_rc
prune_in(struct db *db, void *arg)
{
	return rate_limit_prune(db, *(const int *)arg);
}

static enum db_rc
due_in(struct db *db, void *arg)
{
	(void)arg;
	return rate_limit_due(db);
}

/* Takes a token. Returns 0, or the ms until there is one. */
static int64_t
take(struct fixture *f, const struct rate_limit *b)
{
	struct asking a = { .bucket = b };
	struct asking peeked = a;
	enum db_rc would = db_read(f->db, peek_in, &peeked);
	enum db_rc rc = db_write(f->db, take_in, &a);

	assert_int_equal(rc, would);
	assert_int_equal(a.wait, peeked.wait);
	if (rc == DB_OK) {
		assert_int_equal(a.wait, 0);
		return 0;
	}
	assert_int_equal(rc, DB_CONFLICT);
	assert_int_equal(a.why, PROBLEM_RATE_LIMITED);
	assert_int_equal(peeked.why, PROBLEM_RATE_LIMITED);
	assert_true(a.wait > 0);
	return a.wait;
}

static void
give(struct fixture *f, const struct rate_limit *b)
{
	struct rate_limit copy = *b;

	assert_int_equal(db_write(f->db, give_in, &copy), DB_OK);
}

static enum db_rc
prune(struct fixture *f, int limit)
{
	return db_write(f->db, prune_in, &limit);
}

/* Empties the bucket; returns how many tokens it held. */
static int
empty(struct fixture *f, const struct rate_limit *b)
{
	int n = 0;

	while (take(f, b) == 0)
		n++;
	return n;
}

static void
as_many_as_there_are_are_taken_and_come_back_one_by_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(empty(f, &four), MOST);
	assert_int_equal(take(f, &four), EVERY_MS);
	fake_clock_advance(EVERY_MS - 1);
	assert_int_equal(take(f, &four), 1);
	fake_clock_advance(1);
	assert_int_equal(empty(f, &four), 1);
	fake_clock_advance(3 * EVERY_MS + 1);
	assert_int_equal(empty(f, &four), 3);
	fake_clock_advance(HOUR_MS);
	assert_int_equal(empty(f, &four), MOST);
}

static void
to_be_refused_takes_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(empty(f, &four), MOST);
	for (int i = 0; i < 100; i++)
		assert_int_equal(take(f, &four), EVERY_MS);
	fake_clock_advance(EVERY_MS);
	assert_int_equal(take(f, &four), 0);
}

static void
what_is_given_back_can_be_taken_again_and_is_never_more(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(empty(f, &four), MOST);
	give(f, &four);
	give(f, &four);
	assert_int_equal(empty(f, &four), 2);
	for (int i = 0; i < 3 * MOST; i++)
		give(f, &four);
	assert_int_equal(empty(f, &four), MOST);
}

static void
without_a_limit_nothing_is_kept(void **state)
{
	struct fixture *f = *state;
	struct rate_limit none = { .kind = RATE_LIMIT_MESSAGES, .id = 1 };

	for (int i = 0; i < 100; i++)
		assert_int_equal(take(f, &none), 0);
	give(f, &none);
	fake_clock_advance(HOUR_MS);
	assert_int_equal(prune(f, 100), DB_NONE);
}

static void
each_has_a_bucket_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct rate_limit other = four, user = four, from = four, next = four;

	other.kind = RATE_LIMIT_PEOPLE;
	user.id = 1;
	from.from = address_prefix("192.0.2.1");
	next.from = address_prefix("192.0.2.2");
	assert_int_equal(empty(f, &four), MOST);
	assert_int_equal(empty(f, &other), MOST);
	assert_int_equal(empty(f, &user), MOST);
	assert_int_equal(empty(f, &from), MOST);
	assert_int_equal(empty(f, &next), MOST);
	assert_int_equal(empty(f, &from), 0);
}

static void
A4_a_set_of_the_clock_gives_no_token_and_takes_none(void **state)
{
	static const int64_t jumps[] = { -HOUR_MS, HOUR_MS, -24 * HOUR_MS,
		24 * HOUR_MS };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		assert_int_equal(empty(f, &four), MOST);
		fake_clock_wall += jumps[i];
		assert_int_equal(take(f, &four), EVERY_MS);
		fake_clock_advance(EVERY_MS);
		assert_int_equal(empty(f, &four), 1);
		fake_clock_advance((int64_t)(MOST - 1) * EVERY_MS);
		fake_clock_wall -= jumps[i];
		assert_int_equal(empty(f, &four), MOST - 1);
		fake_clock_advance((int64_t)MOST * EVERY_MS);
	}
}

static void
another_setting_changes_what_is_in_it_at_once(void **state)
{
	struct fixture *f = *state;
	struct rate_limit two = four;

	two.most = 2;
	two.every_us = four.every_us * 2;
	assert_int_equal(take(f, &four), 0);
	assert_int_equal(empty(f, &two), 1);
	fake_clock_advance(EVERY_MS);
	assert_int_equal(empty(f, &four), 2);
}

static void
full_ones_are_dropped_a_while_later(void **state)
{
	struct fixture *f = *state;
	struct rate_limit b = four;

	for (b.id = 1; b.id <= 5; b.id++)
		assert_int_equal(take(f, &b), 0);
	b.id = 6;
	assert_int_equal(prune(f, 100), DB_NONE);
	fake_clock_advance(EVERY_MS);
	assert_int_equal(take(f, &b), 0);
	assert_int_equal(db_read(f->db, due_in, NULL), DB_NONE);
	assert_int_equal(prune(f, 3), DB_OK);
	assert_int_equal(prune(f, 3), DB_OK);
	assert_int_equal(prune(f, 3), DB_NONE);
	fake_clock_advance(HOUR_MS);
	assert_int_equal(db_read(f->db, due_in, NULL), DB_OK);
	assert_int_equal(prune(f, 3), DB_OK);
	assert_int_equal(prune(f, 3), DB_NONE);
	assert_int_equal(db_read(f->db, due_in, NULL), DB_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    as_many_as_there_are_are_taken_and_come_back_one_by_one),
		FIXTURE_TEST(to_be_refused_takes_nothing),
		FIXTURE_TEST(
		    what_is_given_back_can_be_taken_again_and_is_never_more),
		FIXTURE_TEST(without_a_limit_nothing_is_kept),
		FIXTURE_TEST(each_has_a_bucket_of_its_own),
		FIXTURE_TEST(
		    A4_a_set_of_the_clock_gives_no_token_and_takes_none),
		FIXTURE_TEST(another_setting_changes_what_is_in_it_at_once),
		FIXTURE_TEST(full_ones_are_dropped_a_while_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
