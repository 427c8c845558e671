/* Idempotency keys, which are remembered for a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/repeats.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"

struct keeping {
	struct repeat id;
	struct idempotency_made made;
};

static enum db_rc
keep(struct db *db, void *arg)
{
	struct keeping *k = arg;

	return repeats_keep(db, &k->id, &k->made);
}

static enum db_rc
prune(struct db *db, void *arg)
{
	(void)arg;
	return repeats_prune(db, 2);
}

static enum db_rc
forget(struct db *db, void *arg)
{
	struct keeping *k = arg;

	return idempotency_forget(db, k->made.user);
}

static const struct repeat_input asked = { .user = { 7 },
	.route = "rooms",
	.place = 3,
	.key = "key",
	.body = "{}",
	.len = 2 };

static void
kept(struct fixture *f, const struct repeat_input *r, int64_t id)
{
	struct keeping k = { .made = { { 7 }, id } };

	repeats_init(&k.id, r);
	assert_int_equal(db_write(f->db, keep, &k), DB_OK);
}

static enum db_rc
found(struct fixture *f, const struct repeat_input *r,
    struct idempotency_made *made)
{
	struct repeat id;

	repeats_init(&id, r);
	return repeats_find(f->db, &id, made);
}

static void
what_was_made_is_found_again_by_the_same_request_alone(void **state)
{
	struct fixture *f = *state;
	struct repeat_input other[] = { asked, asked, asked, asked };
	struct idempotency_made made;

	assert_int_equal(found(f, &asked, &made), DB_NONE);
	kept(f, &asked, 42);
	assert_int_equal(found(f, &asked, &made), DB_OK);
	assert_true(made.user.n == 7 && made.id == 42);
	other[0].user.n = 8;
	other[1].route = "chatters";
	other[2].place = 4;
	other[3].key = "keys";
	for (int i = 0; i < 4; i++)
		assert_int_equal(found(f, &other[i], &made), DB_NONE);
	other[0] = asked;
	other[0].body = "[]";
	assert_int_equal(found(f, &other[0], &made), DB_CONFLICT);
	other[0].body = NULL;
	other[0].len = 0;
	assert_int_equal(found(f, &other[0], &made), DB_CONFLICT);
}

static void
a_key_lasts_a_day_and_may_be_used_anew_after_that(void **state)
{
	struct fixture *f = *state;
	struct repeat_input other = asked;
	struct idempotency_made made;

	kept(f, &asked, 42);
	fake_clock_advance(REPEATS_KEEP_MS);
	assert_int_equal(found(f, &asked, &made), DB_OK);
	assert_int_equal(repeats_due(f->db), DB_NONE);
	assert_int_equal(db_write(f->db, prune, NULL), DB_NONE);
	fake_clock_advance(1);
	assert_int_equal(found(f, &asked, &made), DB_NONE);
	assert_int_equal(repeats_due(f->db), DB_OK);
	/* Even before it is pruned. */
	kept(f, &asked, 43);
	assert_int_equal(found(f, &asked, &made), DB_OK);
	assert_true(made.id == 43);
	for (int i = 0; i < 3; i++) {
		other.place = 100 + i;
		kept(f, &other, i);
	}
	fake_clock_advance(REPEATS_KEEP_MS + 1);
	assert_int_equal(db_write(f->db, prune, NULL), DB_OK);
	assert_int_equal(db_write(f->db, prune, NULL), DB_OK);
	assert_int_equal(db_write(f->db, prune, NULL), DB_NONE);
}

static void
what_was_made_for_a_person_is_forgotten_with_the_person(void **state)
{
	struct fixture *f = *state;
	struct keeping k = { .made = { { 8 }, 0 } };
	struct idempotency_made made;

	kept(f, &asked, 42);
	assert_int_equal(db_write(f->db, forget, &k), DB_OK);
	assert_int_equal(found(f, &asked, &made), DB_OK);
	k.made.user.n = 7;
	assert_int_equal(db_write(f->db, forget, &k), DB_OK);
	assert_int_equal(found(f, &asked, &made), DB_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    what_was_made_is_found_again_by_the_same_request_alone),
		FIXTURE_TEST(a_key_lasts_a_day_and_may_be_used_anew_after_that),
		FIXTURE_TEST(
		    what_was_made_for_a_person_is_forgotten_with_the_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
